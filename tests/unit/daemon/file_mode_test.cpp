// Permission bits: what people may write, and how udsd writes them.
#include "file_mode.hpp"

#include <gtest/gtest.h>

namespace {

TEST(FileMode, ReadsOctal) {
  EXPECT_EQ(udsd::parse_mode("0660"), 0660U);
  EXPECT_EQ(udsd::parse_mode("600"), 0600U);
  EXPECT_EQ(udsd::parse_mode("000"), 0U);
  for (const char* text :
       {"", "60", "0o660", "rw-rw----", "0880", "1777", "07777", "00660", "66 0", "-60", "0x1f"})
    EXPECT_FALSE(udsd::parse_mode(text)) << text;
}

TEST(FileMode, WritesFourDigits) {
  EXPECT_EQ(udsd::format_mode(0660), "0660");
  EXPECT_EQ(udsd::format_mode(02755), "2755");
}

}  // namespace
