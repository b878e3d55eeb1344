// docket check: the tax rules on their own, one line a value.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/check_value.h"
#include "apps/cli/command.h"

namespace docket::cli {
namespace {

using Values = std::shared_ptr<std::vector<std::string>>;
using CheckOne = std::function<CheckedValue(const std::string&)>;

int print_checks(const std::vector<std::string>& values, const CheckOne& check) {
  int status = kOk;
  for (const auto& value : values) {
    const CheckedValue checked = check(value);
    std::printf("%s: %s: %s\n", value.c_str(), checked.verdict.c_str(), checked.reason.c_str());
    if (!checked.valid) status = kSomeFailed;
  }
  return status;
}

Values add_kind(CLI::App& check, const char* name, const char* help, const char* example) {
  auto values = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(check, name, help, example);
  command->add_option("VALUE", *values, "what to check; quote a value that has spaces")->required();
  return values;
}

// A kind of value whose check needs no settings.
void add_plain_kind(CLI::App& check, Program& program, const char* name, const char* help, const char* example,
                    CheckedValue (*one)(const std::string&)) {
  const Values values = add_kind(check, name, help, example);
  check.get_subcommand(name)->callback(
      [&program, values, one] { program.run = [values, one](const Settings&) { return print_checks(*values, one); }; });
}

// "-$5.00" is an amount and no flag: what is no flag of ours is a value, too, and comes last.
void add_money(CLI::App& check, Program& program) {
  const Values values =
      add_kind(check, "money", "How an amount is read", "docket check money \"\\$1,234.50\" 12.00CR \"-\\$5.00\"");
  CLI::App* command = check.get_subcommand("money");
  command->get_option("VALUE")->required(false);
  command->fallthrough(false)->prefix_command();
  command->callback([&program, values, command] {
    for (const auto& value : command->remaining()) values->push_back(value);
    if (values->empty()) throw CLI::RequiredError("VALUE");
    program.run = [values](const Settings&) { return print_checks(*values, check_money_value); };
  });
}

int run_dates(const std::vector<std::string>& values, const Settings& settings) {
  const std::string& configured = settings.text("DOCKET_TODAY");
  rules::Date today = rules::local_today();
  if (!configured.empty()) {
    const auto date = rules::read_iso(configured);
    if (!date) {
      return fail({ErrorCode::kInvalidArgument, "expected a date like 2026-11-24, got " + configured, "DOCKET_TODAY"},
                  kUsage);
    }
    today = *date;
  }
  return print_checks(values, [&](const std::string& value) { return check_date_value(value, today); });
}

}  // namespace

void add_check_command(CLI::App& app, Program& program) {
  CLI::App* check = add_command(app, "check", "Check an ABN, a GST amount, a date or an amount of money",
                                "docket check abn \"51 824 753 556\"");
  check->require_subcommand(1);
  add_plain_kind(*check, program, "abn", "Is it a well-formed ABN (with or without a GST branch)?",
                 "docket check abn \"51 824 753 556\" \"ABN 88 OOO O14 675\"", check_abn_value);
  add_plain_kind(*check, program, "gst", "The GST in a TOTAL, or whether a printed GST can be right (TOTAL:GST)",
                 "docket check gst 46.75 35.60:2.57", check_gst_value);
  add_money(*check, program);
  const Values dates = add_kind(*check, "date", "How a date is read, with its financial year and BAS quarter",
                                "docket check date 14/03/2024 \"1st July 2024\"");
  check->get_subcommand("date")->callback(
      [&program, dates] { program.run = [dates](const Settings& settings) { return run_dates(*dates, settings); }; });
}

}  // namespace docket::cli
