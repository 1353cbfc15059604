// Directories of declarations: what counts, what replaces what, and that nothing is taken from a
// file that somebody else could have written.
#include "declared/load_declarations.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "support.hpp"

namespace {

class LoadDeclarations : public ::testing::Test {
 protected:
  LoadDeclarations() {
    for (const std::string& directory : {shipped(), own()})
      EXPECT_EQ(::mkdir(directory.c_str(), 0755), 0);
  }

  [[nodiscard]] std::string shipped() const { return directory_.path() + "/usr"; }
  [[nodiscard]] std::string own() const { return directory_.path() + "/etc"; }

  static std::string command(const std::string& name, const std::string& summary = "s") {
    return "[command.\"" + name + "\"]\nsummary = \"" + summary +
           "\"\nexec = [\"/bin/x\"]\ntimeout = \"1s\"\n";
  }
  static void write(const std::string& path, const std::string& text, mode_t mode = 0644) {
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
  }
  [[nodiscard]] uds::Result<std::vector<udsd::Declaration>, udsd::ConfigErrors> load() const {
    udsd::DeclarationRules rules;
    rules.system = false;
    rules.owner = ::geteuid();
    return udsd::load_declarations({shipped(), own()}, rules);
  }
  /// "name: summary" of all, or the errors.
  [[nodiscard]] std::vector<std::string> loaded() const {
    const auto read = load();
    if (!read) return read.error();
    std::vector<std::string> names;
    for (const auto& each : *read) names.push_back(each.name + ": " + each.summary);
    return names;
  }
  void expect_error(const std::string& part) const {
    const auto found = loaded();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find(part), std::string::npos) << found[0];
  }

 private:
  uds_test::TempDir directory_;
};

using Names = std::vector<std::string>;

TEST_F(LoadDeclarations, NoneWhereThereIsNothing) {
  EXPECT_EQ(loaded(), Names{});
  ::rmdir(own().c_str());
  EXPECT_EQ(loaded(), Names{});
}

TEST_F(LoadDeclarations, FilesOfBothDirectoriesCount) {
  write(shipped() + "/a.toml", command("a.one") + command("a.two"));
  write(own() + "/b.toml", command("b.one"));
  write(own() + "/notes.txt", "nonsense");
  write(own() + "/.hidden.toml", "nonsense");
  EXPECT_EQ(loaded(), (Names{"a.one: s", "a.two: s", "b.one: s"}));
}

TEST_F(LoadDeclarations, AFileReplacesTheOneOfItsName) {
  write(shipped() + "/a.toml", command("a.one", "shipped") + command("a.two"));
  write(own() + "/a.toml", command("a.one", "own"));
  EXPECT_EQ(loaded(), Names{"a.one: own"});
  write(own() + "/a.toml", "");
  EXPECT_EQ(loaded(), Names{}) << "an empty file takes it away";
}

TEST_F(LoadDeclarations, ACommandIsDeclaredOnce) {
  write(shipped() + "/a.toml", command("a.one"));
  write(own() + "/b.toml", "\n" + command("a.one"));
  expect_error("b.toml:2:1: a.one is declared already, at " + shipped() + "/a.toml:1");
}

TEST_F(LoadDeclarations, WhatOthersMayHaveWrittenIsRefused) {
  write(own() + "/a.toml", command("a.one"), 0664);
  expect_error("a.toml: others may write to it");
  write(own() + "/a.toml", command("a.one"), 0646);
  expect_error("a.toml: others may write to it");
  write(own() + "/a.toml", command("a.one"), 0644);
  EXPECT_EQ(loaded(), Names{"a.one: s"});
  ASSERT_EQ(::chmod(own().c_str(), 0775), 0);
  expect_error("/etc: others may write to it");
}

TEST_F(LoadDeclarations, WhatBelongsToSomebodyElseIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write(own() + "/a.toml", command("a.one"));
  ASSERT_EQ(::chown((own() + "/a.toml").c_str(), 65534, 0), 0);
  expect_error("a.toml: belongs to uid 65534");
}

TEST_F(LoadDeclarations, LinksAndOddFilesAreRefused) {
  write(own() + "/real", command("a.one"));
  ASSERT_EQ(::symlink("real", (own() + "/a.toml").c_str()), 0);
  expect_error("a.toml: is a symbolic link");
  ::unlink((own() + "/a.toml").c_str());
  ASSERT_EQ(::mkfifo((own() + "/a.toml").c_str(), 0600), 0);
  expect_error("a.toml: this is no regular file");
  ::unlink((own() + "/a.toml").c_str());
  ASSERT_EQ(::mkdir((own() + "/a.toml").c_str(), 0755), 0);
  expect_error("a.toml: this is no regular file");
}

TEST_F(LoadDeclarations, ADirectoryIsNoLink) {
  write(own() + "/a.toml", command("a.one"));
  ASSERT_EQ(::rmdir(shipped().c_str()), 0);
  ASSERT_EQ(::symlink(own().c_str(), shipped().c_str()), 0);
  expect_error("/usr: is no directory, or a symbolic link to one");
}

TEST_F(LoadDeclarations, ASystemInstanceTrustsRootOnly) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write(own() + "/a.toml", command("a.one"));
  const auto load_as = [&](bool system, uid_t owner) {
    udsd::DeclarationRules rules;
    rules.system = system;
    rules.owner = owner;
    return udsd::load_declarations({own()}, rules);
  };
  EXPECT_TRUE(load_as(false, 1'000)) << "a private instance trusts root";
  ASSERT_EQ(::chown((own() + "/a.toml").c_str(), 1'000, 0), 0);
  EXPECT_TRUE(load_as(false, 1'000));
  EXPECT_FALSE(load_as(false, 1'001));
  const auto system = load_as(true, 1'000);
  ASSERT_FALSE(system);
  EXPECT_NE(system.error().front().find("belongs to uid 1000; it must belong to root (chown)"),
            std::string::npos);
}

TEST_F(LoadDeclarations, AllErrorsOfAllFilesAreTold) {
  write(shipped() + "/a.toml", "x = 1\n");
  write(own() + "/b.toml", command("a.one") + "colour = 1\n");
  EXPECT_EQ(loaded().size(), 2U);
}

}  // namespace
