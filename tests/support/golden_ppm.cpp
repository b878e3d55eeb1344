// Writes the pictures of the golden tests as PPM into the folder named, for a build without the document side.
#include <cstdio>
#include <fstream>

#include "tests/support/picture.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: golden_ppm FOLDER\n");
    return 2;
  }
  for (const char* name : {"alpha", "exact", "grey", "large", "one_pixel_high", "palette", "photo", "tall", "wide"}) {
    const docket::page::Page page = docket::golden::read_picture(name);
    std::ofstream file(std::string(argv[1]) + "/" + name + ".ppm", std::ios::binary);
    file << "P6\n" << page.width << " " << page.height << "\n255\n";
    file.write(reinterpret_cast<const char*>(page.rgb.data()), static_cast<std::streamsize>(page.rgb.size()));
    if (!file) return 1;
  }
  return 0;
}
