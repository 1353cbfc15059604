// One run, and what would be run, as people read it.
#include "runs/run_sheets.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using uds::Json;

TEST(RunSheets, ARunThatHasEnded) {
  const Json run = Json::parse(R"({"run":"0194c2f6a1b25e6f7081","command":"web.restart",
      "args":{"dry_run":"true","pages":["1","2"],"unit":"a b"},"state":"ended","outcome":"exit",
      "exit":3,"caller":{"uid":1000,"gid":7,"user":"deploy","pid":42,"exe":"/usr/bin/udsctl"},
      "user":"root","rule":"group staff","accepted_ms":1714979289000,"ended_ms":1714979290000,
      "duration_ms":900,"bytes":{"stdout":2048,"stderr":5},"dropped":7,"timeout_ms":60000,
      "on_disconnect":"kill","disconnect_grace_ms":5000,"hash":"abc",
      "sha256":{"stdout":"d1","stderr":"d2"}})");
  EXPECT_EQ(udsctl::sheet_of_run(run, 1714979300s),
            "run                0194c2f6a1b25e6f7081\n"
            "command            web.restart\n"
            "arguments          --dry-run=true --pages=1 --pages=2 --unit='a b'\n"
            "state              ended, exit 3\n"
            "caller             deploy (uid 1000), pid 42, /usr/bin/udsctl\n"
            "allowed by         group staff\n"
            "runs as            root\n"
            "accepted           2024-05-06 07:08:09 UTC, 11s ago\n"
            "ended              2024-05-06 07:08:10 UTC, 10s ago\n"
            "took               0.9s\n"
            "output             2.0 KiB of standard output, 5 B of standard error, 7 B discarded\n"
            "time limit         1m00s\n"
            "declaration        abc\n"
            "SHA-256 of stdout  d1\n"
            "SHA-256 of stderr  d2\n");
}

TEST(RunSheets, OtherRuns) {
  EXPECT_EQ(udsctl::sheet_of_run(Json::parse(R"({"state":"running","timeout_ms":null,"detach":true,
                                                 "on_disconnect":"kill","caller":{"uid":7}})"),
                                 1s),
            "state       running\ncaller      7\ntime limit  none\nif left     it goes on\n");
  EXPECT_EQ(udsctl::sheet_of_run(
                Json::parse(R"({"on_disconnect":"kill","disconnect_grace_ms":5000})"), 1s),
            "if left  it is ended after 5.0s\n");
  EXPECT_EQ(udsctl::sheet_of_run(Json::parse(R"({"state":"ended","outcome":"not_started",
                                                 "stage":"path","reason":"a\u001b"})"),
                                 1s),
            "state    ended, not started\nbecause  step path: a\\u001b\n");
  EXPECT_EQ(udsctl::sheet_of_run(Json::parse(R"({"state":"lost","outcome":"lost"})"), 1s),
            "state  lost\n");
  EXPECT_EQ(udsctl::sheet_of_run(Json(), 1s), "");
}

TEST(RunSheets, AnExplanationBeginsWithTheCommandLine) {
  EXPECT_EQ(udsctl::explanation_of(
                Json::parse(R"({"argv":["/bin/echo","a b","it's","\u202e"],"user":"root"})")),
            "/bin/echo 'a b' 'it'\\''s' '\\u202e'\nuser    root\nlimits  none\n");
  EXPECT_EQ(udsctl::explanation_of(Json()), "\nlimits  none\n");
}

TEST(RunSheets, AnExplanationSaysAllThatWouldBeUsed) {
  const Json data = Json::parse(R"({"argv":["/bin/cat","/proc/self/fd/4"],"user":"deploy",
      "uid":1000,"gid":7,"groups":[7,27],"cwd":"/","umask":"0022","stdin":"arg:key","rule":"admin",
      "paths":[{"descriptor":4,"below":"/srv/www","path":"a.txt"}],
      "env":{"A":"b c","PATH":"/bin"},"limits":{"core":0,"fsize":67108864,"nproc":64},
      "timeout_ms":60000,"grace_ms":5000,"on_disconnect":"detach","declared_at":"/etc/a.toml:3"})");
  EXPECT_EQ(udsctl::explanation_of(data),
            "/bin/cat /proc/self/fd/4\n"
            "descriptor 4    a.txt below /srv/www\n"
            "user            deploy (uid 1000, gid 7, groups 7 27)\n"
            "directory       /\n"
            "umask           0022\n"
            "standard input  the value of key\n"
            "limits          nproc 64, fsize 64.0 MiB, core 0 B\n"
            "time limit      1m00s\n"
            "to be killed    5.0s after it was asked to end\n"
            "if left         it goes on\n"
            "allowed by      admin\n"
            "declared at     /etc/a.toml:3\n"
            "environment:\n"
            "  A='b c'\n"
            "  PATH=/bin\n");
}

}  // namespace
