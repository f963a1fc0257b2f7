#pragma once

#include "vmsystem/actors/current_writer.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/template_catalogue.hpp"

#include <vector>

namespace vmsystem {

/// State of the catalogue.
struct catalog_state {
  static inline const char* name = "catalog";

  template_catalogue templates{limits_maximum{}};
  current_writer_ptr writer;
};

/// Keeps the templates. While a change is on its way to the store, the actor
/// handles no other message, so that changes never overtake each other.
/// @param stored the bundles that the store holds.
catalog_actor::behavior_type
catalog(catalog_actor::stateful_pointer<catalog_state> self,
        current_writer_ptr writer, const limits_maximum& maximum,
        std::vector<template_bundle> stored);

} // namespace vmsystem
