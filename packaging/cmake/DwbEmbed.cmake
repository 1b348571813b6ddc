# SPDX-License-Identifier: GPL-3.0-or-later
# dwb_embed_texts(target variable header files...)
# Compiles the texts of the files into the target, as `std::span<const EmbeddedText> VARIABLE()` of the header. A changed,
# new or removed file is noticed by the next build. A text may not hold the characters )dwb" in a row.
function(dwb_embed_texts target function header)
  set(rows "")
  foreach(file IN LISTS ARGN)
    file(READ ${file} text)
    get_filename_component(name ${file} NAME)
    string(APPEND rows "    {\"${name}\", R\"dwb(${text})dwb\"},\n")
  endforeach()
  set(written ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  file(WRITE ${written}.new "// Made by DwbEmbed.cmake.
#include \"${header}\"

#include <array>

namespace dw::config {
namespace {

constexpr auto kTexts = std::to_array<EmbeddedText>({
${rows}});

}  // namespace

std::span<const EmbeddedText> ${function}() { return kTexts; }

}  // namespace dw::config
")
  configure_file(${written}.new ${written} COPYONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  target_sources(${target} PRIVATE ${written})
endfunction()
