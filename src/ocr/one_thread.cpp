#include "ocr/one_thread.h"

// Declared here because clang does not bring <omp.h> on Debian 12; the names are those of the OpenMP API, section 3.2.
extern "C" {
void omp_set_max_active_levels(int);
int omp_get_max_active_levels(void);
}

namespace docket::ocr {

OneThread::OneThread() : levels_before_(omp_get_max_active_levels()) { omp_set_max_active_levels(0); }

OneThread::~OneThread() { omp_set_max_active_levels(levels_before_); }

}  // namespace docket::ocr
