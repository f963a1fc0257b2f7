#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem {

/// What a family of metrics is.
enum class metric_type : uint8_t {
  /// Only grows while the process lives; its name ends with `_total`.
  counter = 0,
  /// How it is now.
  gauge = 1,
  /// Counts of values by their size.
  histogram = 2,
};

/// In what the numbers of a family are counted.
enum class metric_unit : uint8_t {
  /// They are served as they are.
  one = 0,
  /// They are served in seconds.
  microseconds = 1,
};

/// Names and values of labels. Values may be any text.
using metric_labels
  = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Writes metrics in Prometheus's text format 0.0.4. Names are those of the
/// program itself, so they are not checked.
class metrics_text {
public:
  static constexpr std::string_view content_type
    = "text/plain; version=0.0.4; charset=utf-8";

  /// Begins a family; its samples follow.
  /// @param help one sentence for people.
  void family(std::string_view name, metric_type type, std::string_view help,
              metric_unit unit = metric_unit::one);

  /// Adds a sample of the family that was begun last.
  void sample(uint64_t value, metric_labels labels = {});

  /// Adds a `bucket_histogram` to the family that was begun last.
  template <class Histogram>
  void histogram(const Histogram& x, metric_labels labels = {}) {
    // The last bucket is the count: another thread may add in between.
    uint64_t below = 0;
    const auto& ends = x.ends();
    for (std::size_t i = 0; i < ends.size(); ++i) {
      below += x.in_bucket(i);
      bucket(below, labels, number(ends[i]));
    }
    below += x.in_bucket(ends.size());
    bucket(below, labels, "+Inf");
    line("_sum", labels, {}, number(x.sum()));
    line("_count", labels, {}, std::to_string(below));
  }

  /// A family with one sample and no labels.
  void one(std::string_view name, metric_type type, std::string_view help,
           uint64_t value, metric_unit unit = metric_unit::one) {
    family(name, type, help, unit);
    sample(value);
  }

  [[nodiscard]] const std::string& text() const noexcept {
    return text_;
  }

private:
  /// `value` in the unit that is served.
  [[nodiscard]] std::string number(uint64_t value) const;
  void bucket(uint64_t count, metric_labels labels, std::string_view end);
  void line(std::string_view suffix, metric_labels labels, std::string_view end,
            std::string_view value);

  std::string text_;
  std::string_view name_;
  metric_unit unit_ = metric_unit::one;
};

} // namespace vmsystem
