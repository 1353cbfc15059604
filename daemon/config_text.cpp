// Bodies of config_text.hpp.
#include "config_text.hpp"

namespace udsd {
namespace {

bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t') || value == 0x7F;
}

/// Follows one line: outside of strings, inside one, or in a comment.
class LineScanner {
 public:
  /// What is wrong with the next byte; nullptr if it may stand here.
  const char* fault(char byte) {
    if (is_control(byte)) return "a control character; remove it";
    if (comment_) return nullptr;
    if (static_cast<unsigned char>(byte) >= 0x80)
      return "a character outside ASCII; in quotes write it as \\uXXXX";
    if (quote_ == 0) {
      comment_ = byte == '#';
      if (byte == '"' || byte == '\'') quote_ = byte;
    } else if (escaped_) {
      escaped_ = false;
    } else if (byte == quote_) {
      quote_ = 0;
    } else {
      escaped_ = quote_ == '"' && byte == '\\';
    }
    return nullptr;
  }

 private:
  bool comment_ = false;
  char quote_ = 0;
  bool escaped_ = false;
};

}  // namespace

std::optional<TextFault> find_text_fault(std::string_view text) {
  TextFault at{1, 1, {}};
  LineScanner scanner;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_end = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n') {
      scanner = LineScanner();
      ++at.line;
      at.column = 1;
      continue;
    }
    if (const char* reason = line_end ? nullptr : scanner.fault(text[i])) {
      at.reason = reason;
      return at;
    }
    ++at.column;
  }
  return std::nullopt;
}

}  // namespace udsd
