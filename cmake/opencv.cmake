# docket_opencv: OpenCV's core and imgproc. Debian's CMake package for OpenCV comes only with libopencv-dev, which pulls
# in all of OpenCV (and Qt); docket needs these two modules alone.
if(NOT TARGET docket_opencv)
  find_path(DOCKET_OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
  find_library(DOCKET_OPENCV_CORE opencv_core REQUIRED)
  find_library(DOCKET_OPENCV_IMGPROC opencv_imgproc REQUIRED)
  add_library(docket_opencv INTERFACE)
  target_include_directories(docket_opencv SYSTEM INTERFACE ${DOCKET_OPENCV_INCLUDE})
  target_link_libraries(docket_opencv INTERFACE ${DOCKET_OPENCV_IMGPROC} ${DOCKET_OPENCV_CORE})
endif()
