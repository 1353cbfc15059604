// Body of layout.hpp.
#include "layout.hpp"

#include "style.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <utility>

namespace udsctl {
namespace {

using uds::Json;

constexpr std::size_t kGap = 2;
/// What is longer than this stands in lines of its own.
constexpr std::size_t kLongestValue = 100;
constexpr std::size_t kWidestNested = 60;
/// Objects within objects further than this to the right are shown as JSON.
constexpr std::size_t kDeepest = 16;

bool is_number(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.-") == std::string_view::npos;
}

bool is_table(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& row) { return row.is_object() && !row.empty(); });
}

/// In a table, what nests shows its beginning only.
std::string cell_of(const Json& value) {
  return value.is_structured() ? clip(shown(value), kWidestNested) : shown(value);
}

std::string table_of(const Json& rows, bool colour, std::size_t indent) {
  std::vector<std::string> names;
  for (const Json& row : rows)
    for (const auto& [name, cell] : row.get_ref<const Json::object_t&>())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  std::vector<std::string> heading(names.size());
  std::transform(names.begin(), names.end(), heading.begin(), visible);
  Table table(std::move(heading));
  for (const Json& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& name : names) {
      const auto cell = row.find(name);
      cells.push_back(cell == row.end() ? "" : cell_of(*cell));
    }
    table.add(std::move(cells));
  }
  return table.text(colour, indent);
}

std::string indented_json(const Json& value, std::size_t indent) {
  std::string out(indent, ' ');
  for (const char byte : pretty(visible(uds::to_json_text(value)))) {
    out += byte;
    if (byte == '\n') out.append(indent, ' ');
  }
  return out + "\n";
}

bool fits_a_line(const Json& value) {
  if (value.is_array())
    return std::all_of(value.begin(), value.end(),
                       [](const Json& item) { return item.is_primitive(); }) &&
           width_of(shown(value)) <= kLongestValue;
  return value.is_primitive() ? width_of(shown(value)) <= kLongestValue : value.empty();
}

std::string members_of(const Json& object, bool colour, std::size_t indent) {
  std::size_t width = 0;
  for (const auto& [name, value] : object.items())
    if (fits_a_line(value)) width = std::max(width, width_of(visible(name)));
  std::string out;
  for (const auto& [name, value] : object.items()) {
    const std::string plain = visible(name);
    out += std::string(indent, ' ') + painted(plain, Style::Name, colour);
    if (fits_a_line(value)) {
      const std::string text = shown(value);
      if (!text.empty()) out += std::string(width - width_of(plain) + kGap, ' ') + text;
      out += "\n";
      continue;
    }
    out += "\n";
    if (is_table(value))
      out += table_of(value, colour, indent + kGap);
    else if (value.is_object() && indent < kDeepest)
      out += members_of(value, colour, indent + kGap);
    else if (value.is_string())
      out += std::string(indent + kGap, ' ') + shown(value) + "\n";
    else
      out += indented_json(value, indent + kGap);
  }
  return out;
}

constexpr std::string_view kSpace = " \t\n\r";

/// The string of `json` that begins at `begin`, with its quotes.
std::string_view string_at(std::string_view json, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2U : 1U;
  return json.substr(begin, std::min(end + 1, json.size()) - begin);
}

}  // namespace

std::string pretty(std::string_view json, bool colour) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
  for (std::size_t index = 0; index < json.size(); ++index) {
    const char byte = json[index];
    switch (byte) {
      case '"': {
        const std::string_view text = string_at(json, index);
        index += text.size() - 1;
        const std::size_t next = json.find_first_not_of(kSpace, index + 1);
        const bool name = next != std::string_view::npos && json[next] == ':';
        out += painted(text, name ? Style::Name : Style::Value, colour);
        break;
      }
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        break;
      case '{':
      case '[': {
        out += byte;
        const std::size_t next = json.find_first_not_of(kSpace, index + 1);
        if (next != std::string_view::npos && (json[next] == '}' || json[next] == ']')) {
          out += json[next];
          index = next;
        } else {
          ++depth;
          new_line();
        }
        break;
      }
      case '}':
      case ']':
        if (depth > 0) --depth;
        new_line();
        out += byte;
        break;
      case ',':
        out += byte;
        new_line();
        break;
      case ':':
        out += ": ";
        break;
      default:
        out += byte;
    }
  }
  return out;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t own = width_of(text);
  if (own < width) text.append(width - own, ' ');
  return text;
}

std::string padded_left(std::string text, std::size_t width) {
  const std::size_t own = width_of(text);
  if (own < width) text.insert(0, width - own, ' ');
  return text;
}

std::string Table::text(bool colour, std::size_t indent) const {
  std::size_t columns = heading_.size();
  for (const auto& row : rows_) columns = std::max(columns, row.size());
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> numbers(columns, true);
  const auto measure = [&widths](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  };
  measure(heading_);
  for (const auto& row : rows_) {
    measure(row);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!row[i].empty() && !is_number(row[i])) numbers[i] = false;
  }

  std::string out;
  const auto write = [&](const std::vector<std::string>& row, bool heading) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string cell = i < row.size() ? row[i] : std::string();
      const std::string space(widths[i] - width_of(cell), ' ');
      const std::string ink = heading ? painted(cell, Style::Heading, colour) : cell;
      line += numbers[i] ? space + ink : ink + space;
      line.append(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  if (std::any_of(heading_.begin(), heading_.end(), [](const auto& cell) { return !cell.empty(); }))
    write(heading_, true);
  for (const auto& row : rows_) write(row, false);
  return out;
}

std::string shown(const Json& value) {
  return visible(value.is_string() ? value.get_ref<const std::string&>()
                                   : uds::to_json_text(value));
}

std::string lay_out(const Json& data, bool colour) {
  if (data.is_null()) return {};
  if (data.is_object() && !data.empty()) return members_of(data, colour, 0);
  if (is_table(data)) return table_of(data, colour, 0);
  if (data.is_structured() && !data.empty()) return indented_json(data, 0);
  return shown(data) + "\n";
}

}  // namespace udsctl
