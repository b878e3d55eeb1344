#include "page/one_thread.h"

#include <opencv2/core/utility.hpp>

namespace docket::page {

void keep_opencv_to_one_thread() { cv::setNumThreads(1); }

}  // namespace docket::page
