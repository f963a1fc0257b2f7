// Stored documents: what can be decoded is encoded to something that means the
// same.

#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace vmsystem;

namespace {

template <class T>
void there_and_back(std::string_view document) {
  const auto decoded = from_json<T>(document);
  if (!decoded)
    return;
  const auto encoded = to_json(decoded.value());
  fuzz::require(encoded.has_value(), "what was decoded can be encoded");
  const auto again = from_json<T>(encoded.value().text);
  fuzz::require(again.has_value(), "what was encoded can be decoded");
  const auto twice = to_json(again.value());
  fuzz::require(twice.has_value() && twice.value() == encoded.value(),
                "it means the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view document{reinterpret_cast<const char*>(data), size};
  there_and_back<template_bundle>(document);
  there_and_back<session>(document);
  there_and_back<execution>(document);
  there_and_back<event>(document);
  there_and_back<batch>(document);
  there_and_back<value_payload>(document);
  there_and_back<exception_payload>(document);
  static_cast<void>(read_batch_result(document));
  static_cast<void>(stored_string(document, "status"));
  return 0;
}
