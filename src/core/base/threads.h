// How many threads this process may really use.
#pragma once

namespace docket {

// Processors that the scheduler lets this process run on, further limited by the control group's CPU quota (a
// container given 1.5 processors on a 64-way machine gets 2). At least 1.
int usable_processors();

}  // namespace docket
