#include "tests/apps/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "core/base/check.h"
#include "core/base/file.h"
#include "core/base/settings.h"

namespace docket::apps {
namespace {

std::vector<std::string> environment_of(const std::map<std::string, std::string>& extra) {
  std::map<std::string, std::string> all = environment_map();
  std::erase_if(all, [](const auto& entry) { return entry.first.starts_with("DOCKET_"); });
  all["DOCKET_TODAY"] = "2026-11-24";
  all["DOCKET_TIME_LIMIT"] = all["DOCKET_OCR_TIME_LIMIT"] = "600";
  all["DOCKET_MODEL"] = "";  // the shipped one would make every document slower, sanitizers many times
  for (const auto& [key, value] : extra) all[key] = value;
  std::vector<std::string> out;
  for (const auto& [key, value] : all) out.push_back(key + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
            const std::string& out_file, const std::string& err_file) {
  std::vector<std::string> command = {program_path()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_of(environment);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, command.front().c_str(), &actions, nullptr, pointers(command).data(),
                                 pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  CHECK(code == 0, "cannot start %s", command.front().c_str());
  return pid;
}

std::string content(const std::string& file) {
  auto text = read_text_file(file, std::size_t{1} << 30);
  return text ? *std::move(text) : std::string();
}

}  // namespace

std::string program_path() {
  const char* path = std::getenv("DOCKET_PROGRAM");
  CHECK(path != nullptr, "run the tests through ctest, which sets DOCKET_PROGRAM");
  return path;
}

Ran run_docket(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  const std::string base = ::testing::TempDir() + "docket_run_" + std::to_string(::getpid());
  const pid_t pid = spawn(arguments, environment, base + ".out", base + ".err");
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  Ran ran{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(base + ".out"),
          content(base + ".err")};
  std::filesystem::remove(base + ".out");
  std::filesystem::remove(base + ".err");
  return ran;
}

int start_docket(const std::vector<std::string>& arguments) { return spawn(arguments, {}, "/dev/null", "/dev/null"); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out.push_back(text.substr(at, end == std::string::npos ? end : end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return out;
}

std::string first_difference(const std::string& a, const std::string& b) {
  if (a == b) return "";
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  const std::size_t from = at < 40 ? 0 : at - 40;
  return "byte " + std::to_string(at) + " of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) + ": " +
         a.substr(from, 120) + " | " + b.substr(from, 120);
}

std::string fresh_folder(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder.string();
}

}  // namespace docket::apps
