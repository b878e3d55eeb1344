#include "fields/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace docket::fields {
namespace {

using rules::Cents;

// A value that a field may take; nullopt is "absent", with a score of 0.
struct Option {
  std::optional<Cents> cents;
  double score = 0;
  bool by_words = false;  // a reader of words gave it
  bool by_model = false;  // a vision-language model did
  bool printed = false;   // words show the amount, whatever they call it
  bool echo = false;      // a part that only the model says, and that the paper does not show apart from its total
  Cents or_zero() const { return cents.value_or(0); }
};

std::vector<Option> options(const Candidates& candidates, FieldId field, std::size_t limit) {
  std::vector<Option> out = {Option{}};
  for (const Candidate& candidate : candidates.merged(field)) {
    if (out.size() > limit) break;
    const auto cents = rules::read_cents(candidate.value);
    if (!cents) continue;
    Option option{cents, candidate.score};
    for (const Reader reader : candidate.read_by) {
      (reader == Reader::kVlm ? option.by_model : option.by_words) = true;
    }
    option.printed = option.by_words || candidate.printed;
    out.push_back(option);
  }
  return out;
}

bool near(Cents a, Cents b, Cents tolerance) { return std::abs(a - b) <= tolerance; }

// GST of `percent` inside an inclusive or on an exclusive amount, nearest cent.
Cents tax_inside(Cents inclusive, int percent) {
  return static_cast<Cents>(std::llround(static_cast<double>(inclusive) * percent / (100.0 + percent)));
}
Cents tax_on(Cents exclusive, int percent) {
  return static_cast<Cents>(std::llround(static_cast<double>(exclusive) * percent / 100.0));
}

struct Parts {
  const Option *subtotal, *gst, *rounding, *surcharge, *discount, *tip;
};

class Model {
 public:
  Model(const Candidates& candidates, const ArithmeticInput& input) : input_(input) {
    totals_ = options(candidates, FieldId::kTotalAmount, 10);
    subtotals_ = options(candidates, FieldId::kSubtotal, 3);
    gsts_ = options(candidates, FieldId::kGstAmount, 4);
    roundings_ = options(candidates, FieldId::kCashRounding, 2);
    surcharges_ = options(candidates, FieldId::kSurchargeTotal, 2);
    discounts_ = options(candidates, FieldId::kDiscountTotal, 2);
    tips_ = options(candidates, FieldId::kTip, 1);
    paids_ = options(candidates, FieldId::kAmountPaid, 4);
    changes_ = options(candidates, FieldId::kChange, 3);
    for (auto* parts : {&subtotals_, &gsts_, &roundings_, &surcharges_, &discounts_, &tips_, &paids_, &changes_}) {
      mark_echoes(*parts);
    }
  }

  Posterior run() {
    for (const Option& total : totals_) weigh_total(total);
    return finish();
  }

 private:
  // Sums over the two halves that are independent given the total: what makes it up, and how it was paid.
  void weigh_total(const Option& total) {
    const double own = total.score + items_score(total);
    std::map<FieldId, std::map<Cents, double>> made_up, paid;
    const double sum_made_up = sum_parts(total, made_up), sum_paid = sum_tenders(total, paid);
    const double mass = std::exp(own) * sum_made_up * sum_paid;
    all_ += mass;
    if (total.cents) mass_[FieldId::kTotalAmount][*total.cents] += mass;
    for (auto& [field, values] : made_up) {
      for (auto& [cents, part] : values) mass_[field][cents] += mass * part / sum_made_up;
    }
    for (auto& [field, values] : paid) {
      for (auto& [cents, part] : values) mass_[field][cents] += mass * part / sum_paid;
    }
  }

  double items_score(const Option& total) const {
    if (!total.cents || input_.items.empty()) return 0;
    Cents sum = 0;
    for (Cents item : input_.items) sum += item;
    if (near(sum, *total.cents, 2)) {
      return weight(input_.items.size() > 1 ? "sum.items_several" : "sum.items_one");
    }
    return 0;
  }

  double sum_parts(const Option& total, std::map<FieldId, std::map<Cents, double>>& parts) const {
    double sum = 0;
    for (const Option& subtotal : subtotals_) {
      for (const Option& gst : gsts_) {
        for (const Option& rounding : roundings_) {
          for (const Option& surcharge : surcharges_) {
            for (const Option& discount : discounts_) {
              for (const Option& tip : tips_) {
                const Parts chosen{&subtotal, &gst, &rounding, &surcharge, &discount, &tip};
                const double mass = std::exp(parts_score(total, chosen));
                sum += mass;
                note(parts[FieldId::kSubtotal], subtotal, mass);
                note(parts[FieldId::kGstAmount], gst, mass);
                note(parts[FieldId::kCashRounding], rounding, mass);
                note(parts[FieldId::kSurchargeTotal], surcharge, mass);
                note(parts[FieldId::kDiscountTotal], discount, mass);
                note(parts[FieldId::kTip], tip, mass);
              }
            }
          }
        }
      }
    }
    return sum;
  }

  static void note(std::map<Cents, double>& values, const Option& option, double mass) {
    if (option.cents) values[*option.cents] += mass;
  }

  // What a model alone says is no witness about a total of its own, neither for nor against it, and says no more
  // against the totals of others than its own total does; what fits another's total supports that.
  static double witnessed(const Option& total, bool echo, double score) {
    if (!echo) return score;
    return total.by_model ? 0 : std::max(score, 0.0);
  }

  // Marks what only repeats the model.
  void mark_echoes(std::vector<Option>& parts) const {
    for (Option& part : parts) {
      if (!part.cents || part.by_words) continue;
      const bool is_total = std::any_of(totals_.begin(), totals_.end(), [&](const Option& total) {
        return total.by_model && total.cents && std::abs(*total.cents) == std::abs(*part.cents);
      });
      part.echo = !part.printed || is_total;
    }
  }

  double parts_score(const Option& total, const Parts& p) const {
    double score =
        p.subtotal->score + p.gst->score + p.rounding->score + p.surcharge->score + p.discount->score + p.tip->score;
    if (!total.cents) return score;
    if (p.subtotal->cents) {
      const bool echo =
          p.subtotal->echo || p.gst->echo || p.rounding->echo || p.surcharge->echo || p.discount->echo || p.tip->echo;
      score += witnessed(total, echo, identity_score(*total.cents, p));
    }
    if (p.gst->cents) score += witnessed(total, p.gst->echo, gst_score(*total.cents, p));
    return score;
  }

  // Whether subtotal and its companions give the total, with the tax on top or inside.
  double identity_score(Cents total, const Parts& p) const {
    const Cents extras = p.rounding->or_zero() + p.surcharge->or_zero() + p.tip->or_zero();
    const Cents gst = p.gst->or_zero(), base = *p.subtotal->cents, discount = p.discount->or_zero();
    const bool with_gst = near(base + gst + extras, total, 1) || near(base + gst + extras + discount, total, 1);
    const bool without = near(base + extras, total, 1) || near(base + extras + discount, total, 1);
    const bool has_extras = extras != 0 || discount != 0;
    if (with_gst && gst != 0) return weight("sum.subtotal_and_gst");
    if (without && has_extras) return weight("sum.subtotal_and_extras");
    if (without) return weight("sum.subtotal_is_total");
    return weight(base > total + 5 ? "sum.subtotal_above" : "sum.subtotal_unexplained");
  }

  double gst_score(Cents total, const Parts& p) const {
    const Cents gst = std::abs(*p.gst->cents), size = std::abs(total);
    if (gst == 0) return 0;
    if (gst >= size) return weight("sum.gst_above_total");
    const Cents taxed = size - std::abs(p.tip->or_zero());
    for (int percent : input_.tax_percents) {
      const Cents slack = percent == 10 ? 1 : 2;
      if (near(gst, tax_inside(taxed, percent), slack) ||
          near(gst, tax_inside(taxed - p.rounding->or_zero(), percent), 1)) {
        return weight("sum.gst_fraction");
      }
      // A model's GST that fits its own subtotal says nothing about this total.
      const bool of_each_other = p.subtotal->echo && p.gst->echo;
      if (p.subtotal->cents && !of_each_other && near(gst, tax_on(std::abs(*p.subtotal->cents), percent), 1)) {
        return weight("sum.gst_fraction");
      }
    }
    // The rates in use are below a quarter of the net price.
    return 5 * gst > size ? weight("sum.gst_too_large") : weight("sum.gst_other_fraction");
  }

  double sum_tenders(const Option& total, std::map<FieldId, std::map<Cents, double>>& parts) const {
    double sum = 0;
    for (const Option& paid : paids_) {
      for (const Option& change : changes_) {
        const double mass = std::exp(paid.score + change.score + tender_score(total, paid, change));
        sum += mass;
        note(parts[FieldId::kAmountPaid], paid, mass);
        note(parts[FieldId::kChange], change, mass);
      }
    }
    return sum;
  }

  double tender_score(const Option& total, const Option& paid, const Option& change) const {
    if (!total.cents || !paid.cents) return 0;
    const Cents settled = *paid.cents - change.or_zero(), size = std::abs(*total.cents);
    // Cash settles the amount after rounding to 5 cents.
    const bool fits = near(settled, size, 0) || (change.cents && near(settled, size, 2)) ||
                      std::any_of(roundings_.begin(), roundings_.end(), [&](const Option& rounding) {
                        return rounding.cents && near(settled, size + *rounding.cents, 0);
                      });
    const double score = fits ? weight(change.or_zero() != 0 ? "sum.tender_and_change" : "sum.tender_is_total")
                              : weight(*paid.cents < size ? "sum.tender_below" : "sum.tender_unexplained");
    return witnessed(total, paid.echo || change.echo, score);
  }

  Posterior finish() const {
    Posterior posterior;
    for (const auto& [field, values] : mass_) {
      double best = 0, present = 0;
      for (const auto& [cents, mass] : values) {
        const double probability = all_ > 0 ? mass / all_ : 0;
        posterior.probability[field][rules::format_cents(cents)] = probability;
        present += probability;
        if (probability > best) {
          best = probability;
          posterior.best[field] = rules::format_cents(cents);
        }
      }
      if (1 - present > best) posterior.best.erase(field);
    }
    return posterior;
  }

  const ArithmeticInput& input_;
  std::vector<Option> totals_, subtotals_, gsts_, roundings_, surcharges_, discounts_, tips_, paids_, changes_;
  double all_ = 0;
  std::map<FieldId, std::map<Cents, double>> mass_;
};

}  // namespace

Posterior weigh_arithmetic(const Candidates& candidates, const ArithmeticInput& input) {
  return Model(candidates, input).run();
}

}  // namespace docket::fields
