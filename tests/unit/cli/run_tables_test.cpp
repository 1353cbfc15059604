// Runs and records as people see them; words as a shell reads them; ids of runs.
#include "runs/run_tables.hpp"

#include "runs/run_id.hpp"
#include "runs/shell_text.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using uds::Json;

TEST(RunTables, ARunIsALine) {
  const Json data = Json::parse(R"({"runs":[
    {"run":"0194c2f6a1b25e6f7081","command":"web.restart","state":"running",
     "caller":{"uid":1000,"user":"deploy"},"accepted_ms":60000,"duration_ms":400},
    {"run":"0194c2f6a1b25e6f7082","command":"a\u001bb","state":"ended","caller":{"uid":7},
     "accepted_ms":99999999,"duration_ms":61000,"outcome":"exit","exit":3},
    {"outcome":"output_limit"},{"outcome":"signal","signal":9,"caller":"x"},5]})");
  EXPECT_EQ(udsctl::table_of_runs(data, 65s),
            "RUN                   STATE    CALLER  STARTED   TOOK   RESULT        COMMAND\n"
            "0194c2f6a1b25e6f7081  running  deploy  5.0s ago  0.4s                 web.restart\n"
            "0194c2f6a1b25e6f7082  ended    7       0.0s ago  1m01s  exit 3        a\\u001bb\n"
            "                                                        output limit\n"
            "                               x                        signal 9\n"
            "\n");
  EXPECT_EQ(udsctl::table_of_runs(Json(), 1s),
            "RUN  STATE  CALLER  STARTED  TOOK  RESULT  COMMAND\n");
}

TEST(RunTables, ARecordIsALine) {
  const std::string table = udsctl::table_of_records(
      {Json::parse(R"({"time":"T","event":"start","run":"r","caller":"deploy","command":"a.b",
                      "user":"root","args":{"unit":"x"}})"),
       Json::parse(R"({"time":"T","event":"end","run":"r","uid":7,"command":"a.b",
                      "outcome":"signal","signal":9})")});
  EXPECT_EQ(table,
            "TIME  EVENT  RUN  CALLER  AS    COMMAND  DETAILS\n"
            "T     start  r    deploy  root  a.b      {\"unit\":\"x\"}\n"
            "T     end    r    7             a.b      signal 9\n");
}

TEST(RunTables, PermissionIsYesOrNo) {
  EXPECT_EQ(udsctl::permission_of(Json::parse(R"({"allowed":true,"rule":"users deploy"})")),
            "yes, by the rule users deploy\n");
  EXPECT_EQ(udsctl::permission_of(Json::parse(R"({"allowed":false,"reason":"in no group"})")),
            "no: in no group\n");
  EXPECT_EQ(udsctl::permission_of(Json(7)), "no\n");
}

TEST(ShellText, AWordStaysOneWord) {
  EXPECT_EQ(udsctl::shell_word("/usr/bin/systemctl"), "/usr/bin/systemctl");
  EXPECT_EQ(udsctl::shell_word(""), "''");
  EXPECT_EQ(udsctl::shell_word("$(id);`id`"), "'$(id);`id`'");
  EXPECT_EQ(udsctl::shell_word("~"), "'~'");
  EXPECT_EQ(udsctl::shell_word("ä"), "'ä'");
}

TEST(RunId, HasTwentyDigits) {
  EXPECT_TRUE(udsctl::is_run_id("0194c2f6a1b25e6f7081"));
  for (const char* word : {"", "0194c2f6a1b25e6f708", "0194c2f6a1b25e6f70811",
                           "0194C2F6A1B25E6F7081", "0194c2f6a1b25e6f708g"})
    EXPECT_FALSE(udsctl::is_run_id(word)) << word;
}

}  // namespace
