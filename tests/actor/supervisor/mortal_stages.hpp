#pragma once

#include "vmsystem/actors/supervisor.hpp"

#include <functional>

namespace vmsystem::test {

/// Asked for each message that a stage gets: whether it dies (or falls silent)
/// with that message in its hands. Used by the thread that delivers messages.
using death_wish = std::function<bool()>;

/// Puts a stage that can die in front of the real one.
void make_admission_mortal(stage_factory& stages, death_wish wish);
void make_loading_mortal(stage_factory& stages, death_wish wish);
/// Dies only with jobs, and has taken them then.
void make_slots_mortal(stage_factory& stages, death_wish wish);
/// Does not die, and never answers. Only with jobs, as above.
void make_slots_silent(stage_factory& stages, death_wish wish);
void make_finalization_mortal(stage_factory& stages, death_wish wish);
void make_writer_mortal(stage_factory& stages, death_wish wish);

} // namespace vmsystem::test
