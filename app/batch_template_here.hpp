#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/app/batch_template.hpp"

#include <caf/scoped_actor.hpp>

namespace vmsystem {

/// The store of a runtime in this process.
class templates_here : public template_place {
public:
  /// All three must outlive it.
  templates_here(caf::scoped_actor& self, const supervisor_actor& to,
                 const query_actor& from)
    : self_{self}, to_{to}, from_{from} {}

  expected<template_id> find(const std::string& name) override;
  expected<template_id> create(const std::string& name) override;
  expected<void> set(const template_id& id, const json_text& settings) override;
  expected<void> add_file(const startup_file_spec& file) override;
  expected<void> add_name(const listed_name& name) override;
  expected<void> add_capability(const capability_spec& spec) override;

private:
  caf::scoped_actor& self_;
  const supervisor_actor& to_;
  const query_actor& from_;
};

} // namespace vmsystem
