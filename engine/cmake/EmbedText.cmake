# Writes OUTPUT, a C++ source with the function FUNCTION (declared in HEADER, in
# NAMESPACE) that returns the bytes of INPUT as a std::string_view.
#
#   cmake -D INPUT=x.js -D OUTPUT=x.cpp -D HEADER=x.hpp -D NAMESPACE=ns
#         -D FUNCTION=x -P EmbedText.cmake

file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REPEAT "0x..," 15 line)
string(REGEX REPLACE "(${line})" "  \\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}"
  "#include \"${HEADER}\"\n\n"
  "namespace ${NAMESPACE} {\n\n"
  "namespace {\n\n"
  "const unsigned char text[] = {\n${bytes}};\n\n"
  "} // namespace\n\n"
  "std::string_view ${FUNCTION}() noexcept {\n"
  "  return {reinterpret_cast<const char*>(text), sizeof text};\n"
  "}\n\n"
  "} // namespace ${NAMESPACE}\n")
