#pragma once

#include "vmsystem/app/batch_template.hpp"
#include "vmsystem/app/client.hpp"

namespace vmsystem {

/// The store of a server.
class templates_there : public template_place {
public:
  /// @param server must outlive it.
  explicit templates_there(client& server) : server_{server} {}

  expected<template_id> find(const std::string& name) override;
  expected<template_id> create(const std::string& name) override;
  expected<void> set(const template_id& id, const json_text& settings) override;
  expected<void> add_file(const startup_file_spec& file) override;
  expected<void> add_name(const listed_name& name) override;
  expected<void> add_capability(const capability_spec& spec) override;

private:
  client& server_;
};

} // namespace vmsystem
