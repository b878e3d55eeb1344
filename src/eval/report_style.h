// eval: the report's style sheet. Colours are variables, set once for light and once for dark.
#pragma once

namespace docket::eval {

inline constexpr char kReportStyle[] = R"css(
:root { color-scheme: light dark; --back: #fbfaf7; --card: #fff; --ink: #1d2126; --soft: #667; --line: #dcd9d0;
  --exact: #15803d; --normalised: #0e7490; --wrong: #c81e1e; --missing: #9a6700; --invented: #a21caf; --other: #3b5bdb;
  --bar: #b9c6f2; --a: #1d4ed8; --b: #b45309; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1c2024; --ink: #e7e9ea; --soft: #9aa3ad;
  --line: #343b42; --exact: #4ade80; --normalised: #22d3ee; --wrong: #f87171; --missing: #fbbf24; --invented: #e879f9;
  --other: #8ea6ff; --bar: #34498f; --a: #93b4ff; --b: #fbbf77; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 84rem; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); } .wide { overflow-x: auto; }
table { border-collapse: collapse; background: var(--card); font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap; }
td.value { overflow-wrap: anywhere; } .document table { width: 100%; } .document td.value { width: 34%; }
.exact { color: var(--exact); } .normalised { color: var(--normalised); } .wrong { color: var(--wrong); }
.missing { color: var(--missing); } .invented { color: var(--invented); } .both_absent, .other { color: var(--soft); }
mark { background: none; color: inherit; text-decoration: underline 2px; font-weight: 700; }
.bar { display: inline-block; height: .7em; background: var(--bar); }
.document { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.1fr); gap: 1rem; margin: 1rem 0; padding: 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
@media (max-width: 60rem) { .document { grid-template-columns: minmax(0, 1fr); } }
svg.page { width: 100%; height: auto; max-height: 60rem; background: #fff; display: block; margin-bottom: .5rem; }
.box rect { fill: none; stroke-width: 2px; vector-effect: non-scaling-stroke; stroke: #3b5bdb; }
.box text { fill: #fff; font-family: system-ui, sans-serif; } .box .tag { stroke: none; fill: #3b5bdb; opacity: .85; }
.box.exact rect { stroke: #15803d; } .box.exact .tag { fill: #15803d; }
.box.normalised rect { stroke: #0e7490; } .box.normalised .tag { fill: #0e7490; }
.box.wrong rect { stroke: #c81e1e; } .box.wrong .tag { fill: #c81e1e; }
.box.invented rect { stroke: #a21caf; } .box.invented .tag { fill: #a21caf; }
.box.a rect { stroke: #1d4ed8; } .box.a .tag { fill: #1d4ed8; }
.box.b rect { stroke: #b45309; } .box.b .tag { fill: #b45309; }
svg.interval line { stroke: var(--soft); stroke-width: 2px; } svg.interval circle { fill: var(--soft); }
svg.interval .zero { stroke: var(--line); stroke-width: 1px; }
svg.interval.a line:not(.zero) { stroke: var(--a); } svg.interval.a circle { fill: var(--a); }
svg.interval.b line:not(.zero) { stroke: var(--b); } svg.interval.b circle { fill: var(--b); }
.change td.value { width: 24%; }
#verdict { font-weight: 600; }
#failures:checked ~ .document.right, #unlabelled:not(:checked) ~ .document .box.other { display: none; }
)css";

}  // namespace docket::eval
