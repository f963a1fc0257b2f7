#include "vmsystem/models/time.hpp"

#include <chrono>

namespace vmsystem {

namespace {

struct civil_date {
  int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 and the proleptic Gregorian calendar, with years that
// begin in March so that the leap day comes last.
constexpr civil_date civil_from_days(int64_t days) noexcept {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460
                                + day_of_era / 36524 - day_of_era / 146096)
                               / 365;
  const unsigned day_of_year
    = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month
    = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year
    = static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day};
}

constexpr int64_t days_from_civil(civil_date date) noexcept {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned shifted_month
    = date.month > 2 ? date.month - 3 : date.month + 9;
  const unsigned day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  const unsigned day_of_era
    = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

constexpr bool is_leap_year(int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int64_t days_of_month(int64_t year, int64_t month) noexcept {
  constexpr int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

static_assert(days_from_civil({1970, 1, 1}) == 0);
static_assert(civil_from_days(days_from_civil({2024, 2, 29})).day == 29);

void put_digits(char* to, unsigned width, uint64_t value) noexcept {
  for (unsigned i = width; i > 0; --i) {
    to[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

/// Reads `width` digits at `at`; -1 when there are others.
int64_t take_digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size())
    return -1;
  int64_t result = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return -1;
    result = result * 10 + (text[i] - '0');
  }
  return result;
}

constexpr int64_t us_per_day = 86400ll * 1000000;

} // namespace

timestamp timestamp::now() noexcept {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch())
            .count()};
}

void timestamp::append_to(std::string& out) const {
  int64_t days = us / us_per_day;
  int64_t rest = us % us_per_day;
  if (rest < 0) {
    rest += us_per_day;
    --days;
  }
  const auto date = civil_from_days(days);
  const auto left = static_cast<uint64_t>(rest);
  char text[] = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 4, static_cast<uint64_t>(date.year));
  put_digits(text + 5, 2, date.month);
  put_digits(text + 8, 2, date.day);
  put_digits(text + 11, 2, left / 3600000000);
  put_digits(text + 14, 2, left / 60000000 % 60);
  put_digits(text + 17, 2, left / 1000000 % 60);
  put_digits(text + 20, 6, left % 1000000);
  out.append(text, sizeof(text) - 1);
}

std::string timestamp::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

std::optional<timestamp> timestamp::parse(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-'
      || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto year = take_digits(text, 0, 4);
  const auto month = take_digits(text, 5, 2);
  const auto day = take_digits(text, 8, 2);
  const auto hour = take_digits(text, 11, 2);
  const auto minute = take_digits(text, 14, 2);
  const auto second = take_digits(text, 17, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1
      || day > days_of_month(year, month) || hour < 0 || hour > 23 || minute < 0
      || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  int64_t fraction = 0;
  if (text.size() > 20) {
    const auto digits = text.size() - 21;
    if (text[19] != '.' || digits < 1 || digits > 9)
      return std::nullopt;
    fraction = take_digits(text, 20, digits);
    if (fraction < 0)
      return std::nullopt;
    for (auto i = digits; i < 6; ++i)
      fraction *= 10;
    for (auto i = digits; i > 6; --i)
      fraction /= 10;
  }
  const auto days = days_from_civil(
    {year, static_cast<unsigned>(month), static_cast<unsigned>(day)});
  return timestamp{days * us_per_day
                   + ((hour * 60 + minute) * 60 + second) * 1000000 + fraction};
}

} // namespace vmsystem
