# Writes a C++ file whose FUNCTION gives the texts of FILES, by name without extension, in order of
# name.
list(SORT FILES)
set(body "")
set(count 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND body "    {\"${name}\", R\"__toml__(${text})__toml__\"sv},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/embed_texts.cmake.
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace guanxi {
using namespace std::string_view_literals;
std::span<const std::pair<std::string_view, std::string_view>> ${FUNCTION}();
std::span<const std::pair<std::string_view, std::string_view>> ${FUNCTION}() {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, ${count}> kTexts = {{
${body}  }};
  return kTexts;
}
}  // namespace guanxi
")
