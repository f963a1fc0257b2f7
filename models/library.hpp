#pragma once

#include <array>
#include <string>
#include <string_view>

namespace vmsystem {

/// A library that this version knows: one script of an npm package, and what
/// both must be like. A template names it `NAME` or `NAME-VERSION`.
struct catalogue_library {
  /// The npm package.
  std::string_view name;
  std::string_view version;
  /// The script inside of the package.
  std::string_view file;
  /// What scripts call it.
  std::string_view global;
  /// What the script itself calls it.
  std::string_view sets;
  /// Of the package's archive and of the script, as `integrity_of` says it.
  std::string_view archive_integrity;
  std::string_view integrity;
};

/// The catalogue: the one list of libraries that need not be described.
inline constexpr std::array<catalogue_library, 6> catalogue_libraries{{
  {"lodash", "4.17.21", "lodash.js", "_", "_",
   "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17Lhb"
   "ZVGedAJv8XZ1tvj5FvSg==",
   "sha512-2iwCHjuj+PmdCyvb88rMOch0UcKQxVHi/gsAml1fN3eg82IDaO/cdzzeXX4iF2VzIIe"
   "s7pODE1/G0ts3QBwslA=="},
  {"moment", "2.29.4", "moment.js", "moment", "moment",
   "sha512-5LC9SOxjSc2HF6vO2CyuTDNivEdoz2IvyJJGj6X8DJ0eFyfszE0QiEd+iXmBvUP3WHx"
   "SjFH/vIsA0EN00cgr8w==",
   "sha512-CTSrPIDxxtTdaIYlTKHEyvHa+70TOhC1pY3PLDgrUqCFifFtV7KrucZCvPy2K7hB0Ht"
   "Kgt0r4INTGBISqnaLNg=="},
  {"axios", "1.6.0", "dist/axios.js", "axios", "axios",
   "sha512-EZ1DYihju9pwVB+jg67ogm+Tmqc6JmhamRN6I4Zt8DfZu5lbcQGw3ozH9lFejSJgs/i"
   "baef3A9PMXPLeefFGJg==",
   "sha512-xWD36je/9YUjD4wYhpeuE/ZrfcMCtg4DKhu+dZKN3P7oEtC512t5n5wue9mTtcuygp5"
   "XZkj9Vd03dqbSPk+PcA=="},
  {"ramda", "0.29.0", "dist/ramda.js", "R", "R",
   "sha512-BBea6L67bYLtdbOqfp8f58fPMqEwx0doL+pAi8TZyp2YWz8R9G8z9x75CZI8W+ftqhF"
   "HCpEX2cRnUUXK130iKA==",
   "sha512-J4Em3sC41YRNdTfPiA2QTHFVyPP7Qqpac9s+sb4p4bdfZfiJai2s1EXZcDB+V0r23kY"
   "c42p/cFVlrbz7/1Zwjg=="},
  {"dayjs", "1.11.10", "dayjs.min.js", "dayjs", "dayjs",
   "sha512-vjAczensTgRcqDERK0SR2XMwsF/tSvnvlv6VcF2GIhg6Sx4yOIt/irsr1RDJsKiIyBz"
   "JDpCoXiWWq28MqH2cnQ==",
   "sha512-FwNWaxyfy2XlEINoSnZh1JQ5TRRtGow0D6XcmAWmYCRgvqOUTnzCxPc9uF35u5ZEpir"
   "k1uhlPVA19tflhvnW1g=="},
  // The store without React, which its hooks need.
  {"zustand", "4.4.7", "umd/vanilla.production.js", "zustand", "zustandVanilla",
   "sha512-QFJWJMdlETcI69paJwhSMJz7PPWjVP8Sjhclxmxmxv/RYI7ZOvR5BHX+ktH0we9gTWQ"
   "Mxcne8q1OY8xxz604gw==",
   "sha512-iFJ9r7mEQMlYc4EWuXXY81yHkvSNkTF1Lui41EYNHHYAl9wGu5ZacTefH25Ccy5zex9"
   "um/t7a8ZKwOD+hdZlyg=="},
}};

/// `NAME-VERSION`.
[[nodiscard]] std::string full_name(const catalogue_library& library);

/// The library of the catalogue with this name, with or without its version;
/// null when there is none.
[[nodiscard]] const catalogue_library*
find_catalogue_library(std::string_view name) noexcept;

} // namespace vmsystem
