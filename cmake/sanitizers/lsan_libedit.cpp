// libedit keeps the names of functions that a program adds to it, as copies in
// wide characters that it never frees.

extern "C" [[gnu::visibility("default")]] const char*
__lsan_default_suppressions() {
  return "leak:wcsdup\n";
}
