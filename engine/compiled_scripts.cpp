#include "vmsystem/engine/compiled_scripts.hpp"

#include <utility>

namespace vmsystem::engine::detail {

js_value compiled_scripts::find(std::string_view source,
                                std::string_view file_name) const noexcept {
  for (const auto& known : entries_)
    if (known.source == source && known.file_name == file_name)
      return known.function;
  return inherited_ != nullptr ? inherited_->find(source, file_name)
                               : js_undefined;
}

bool compiled_scripts::comes_again(std::string_view source,
                                   std::string_view file_name) noexcept {
  return source.size() <= max_source_bytes
         && recent_.note(source, file_name) > 1;
}

js_value compiled_scripts::add(std::string_view source,
                               std::string_view file_name, js_value function) {
  entry added{std::string{source}, std::string{file_name}, function};
  if (entries_.size() < capacity) {
    entries_.push_back(std::move(added));
    return js_undefined;
  }
  auto& place = entries_[next_++ % capacity];
  std::swap(place, added);
  return added.function;
}

void compiled_scripts::clear() noexcept {
  entries_.clear();
  recent_ = {};
}

compiled_scripts compiled_scripts::flattened() const {
  compiled_scripts result;
  if (inherited_ != nullptr)
    result.entries_ = inherited_->entries_;
  result.entries_.insert(result.entries_.end(), entries_.begin(),
                         entries_.end());
  return result;
}

} // namespace vmsystem::engine::detail
