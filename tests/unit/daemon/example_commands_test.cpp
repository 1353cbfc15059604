// The declarations of docs/examples/commands are right, and one of them has every key there is.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "declared/read_declarations.hpp"
#include "read_file.hpp"

namespace {

using udsd::Declaration;

std::string text_of(const std::filesystem::path& path) {
  auto text = udsd::read_file(path);
  EXPECT_TRUE(text) << path;
  return text ? *text : "";
}

/// The command that each file declares, by the name of the file.
std::map<std::string, Declaration> examples() {
  std::map<std::string, Declaration> all;
  for (const auto& entry : std::filesystem::directory_iterator(UDS_EXAMPLE_COMMANDS)) {
    if (entry.path().extension() != ".toml") continue;
    const auto read = udsd::read_declarations(text_of(entry.path()), entry.path(), {});
    if (!read) {
      for (const std::string& error : read.error()) ADD_FAILURE() << error;
      continue;
    }
    EXPECT_EQ(read->size(), 1U) << entry.path();
    all.emplace(entry.path().stem(), read->front());
  }
  return all;
}

TEST(ExampleCommands, AllLoad) {
  std::set<std::string> names;
  for (const auto& [file, declared] : examples()) names.insert(file + ": " + declared.name);
  EXPECT_EQ(names, (std::set<std::string>{"backup: backup.run", "cert-renewed: cert.renewed",
                                          "db-dump: db.dump", "every-key: site.publish",
                                          "log-tail: log.tail", "service-restart: web.restart"}));
}

TEST(ExampleCommands, AreWhatTheirNamesSay) {
  const auto all = examples();
  EXPECT_TRUE(all.at("backup").disconnect.detach);
  EXPECT_EQ(all.at("service-restart").exec.arguments(), std::vector<std::string>{"unit"});
  EXPECT_EQ(all.at("log-tail").exec.expand({{"unit", {"nginx.service"}}, {"lines", {"5"}}})->back(),
            "--unit=nginx.service");
  EXPECT_TRUE(all.at("log-tail").parameter("search")->problem({std::string(65, 'a')}));
  EXPECT_TRUE(all.at("log-tail").parameter("search")->problem({"a|b"}));
  EXPECT_EQ(all.at("cert-renewed").parameter("domain")->problem({{"www.example.org"}}),
            std::nullopt);
  EXPECT_TRUE(all.at("cert-renewed").parameter("domain")->problem({"../etc"}));
}

TEST(ExampleCommands, OneHasEveryKey) {
  const std::string text = text_of(std::string(UDS_EXAMPLE_COMMANDS) + "/every-key.toml");
  for (const std::string& key : udsd::declaration_keys())
    EXPECT_NE(text.find("\n" + key + (key == "args" ? "." : " = ")), std::string::npos) << key;
  for (const char* member :
       {"type",       "summary",    "required", "default",  "enum",   "pattern",
        "min_length", "max_length", "minimum",  "maximum",  "spread", "min_items",
        "max_items",  "below",      "secret",   "users",    "groups", "total",
        "per_user",   "queue",      "max",      "on_limit", "per",    "time",
        "nproc",      "nofile",     "fsize",    "core",     "memory"})
    EXPECT_NE(text.find(std::string(" ") + member + " = "), std::string::npos) << member;
}

}  // namespace
