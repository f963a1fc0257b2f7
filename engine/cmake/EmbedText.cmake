# Writes OUTPUT, a C++ source with the function FUNCTION (declared in HEADER, in
# NAMESPACE) that returns the bytes of each of the INPUTS (separated by commas) as
# a std::vector<std::string_view>.
#
#   cmake -D INPUTS=x.js,y.js -D OUTPUT=x.cpp -D HEADER=x.hpp -D NAMESPACE=ns
#         -D FUNCTION=x -P EmbedText.cmake

string(REPLACE "," ";" inputs "${INPUTS}")
string(REPEAT "0x..," 15 line)
set(arrays "")
set(views "")
foreach(input IN LISTS inputs)
  file(READ "${input}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(${line})" "  \\1\n" bytes "${bytes}")
  cmake_path(GET input STEM name)
  string(APPEND arrays "const unsigned char ${name}_text[] = {\n${bytes}};\n\n")
  string(APPEND views "    view(${name}_text, sizeof ${name}_text),\n")
endforeach()
file(WRITE "${OUTPUT}"
  "#include \"${HEADER}\"\n\n"
  "#include <cstddef>\n\n"
  "namespace ${NAMESPACE} {\n\n"
  "namespace {\n\n"
  "${arrays}"
  "std::string_view view(const unsigned char* bytes, std::size_t size) {\n"
  "  return {reinterpret_cast<const char*>(bytes), size};\n"
  "}\n\n"
  "} // namespace\n\n"
  "std::vector<std::string_view> ${FUNCTION}() {\n"
  "  return {\n${views}  };\n"
  "}\n\n"
  "} // namespace ${NAMESPACE}\n")
