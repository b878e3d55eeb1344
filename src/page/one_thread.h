// page: keeps OpenCV's image operations to the calling thread.
#pragma once

namespace docket::page {

// For the whole process, once at its start. docket reads one document a process and one process a core, so threads
// inside an image operation would only take cores from other documents.
void keep_opencv_to_one_thread();

}  // namespace docket::page
