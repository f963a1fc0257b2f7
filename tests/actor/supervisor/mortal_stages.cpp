#include "mortal_stages.hpp"

#include "vmsystem/pipeline/admission_actor.hpp"
#include "vmsystem/pipeline/finalization_actor.hpp"
#include "vmsystem/pipeline/loading_actor.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace vmsystem::test {

namespace {

/// What a stage answers that dies with a request in its hands.
template <class Answer, class Self>
caf::result<Answer> die(Self* self) {
  auto promise = self->template make_response_promise<Answer>();
  self->quit(caf::exit_reason::unhandled_exception);
  return promise;
}

struct mortal_state {
  static inline const char* name = "mortal";
};

template <class Interface>
using pointer = typename Interface::template stateful_pointer<mortal_state>;

admission_actor::behavior_type mortal_admission(pointer<admission_actor> self,
                                                death_wish wish,
                                                admission_actor real) {
  return {[=](admit_atom, job_group_ref& ref) -> caf::result<job_group_ref> {
    if (wish())
      return die<job_group_ref>(self);
    return self->delegate(real, admit_atom_v, std::move(ref));
  }};
}

loading_actor::behavior_type mortal_loading(pointer<loading_actor> self,
                                            death_wish wish,
                                            loading_actor real) {
  return {[=](load_atom, job_group_ref& ref) -> caf::result<job_group_ref> {
            if (wish())
              return die<job_group_ref>(self);
            return self->delegate(real, load_atom_v, std::move(ref));
          },
          [=](load_atom, session_needs& wanted) {
            return self->delegate(real, load_atom_v, std::move(wanted));
          }};
}

/// What a slot does with a group of jobs that it has taken.
using slot_end = caf::result<job_group_ref> (*)(pointer<slot_actor> self);

caf::result<job_group_ref> stay_silent(pointer<slot_actor> self) {
  return self->make_response_promise<job_group_ref>();
}

caf::result<job_group_ref> die_with_jobs(pointer<slot_actor> self) {
  return die<job_group_ref>(self);
}

slot_actor::behavior_type failing_slot(pointer<slot_actor> self,
                                       death_wish wish, slot_actor real,
                                       slot_end end) {
  return {[=](run_atom, job_group_ref& ref) -> caf::result<job_group_ref> {
            if (wish()) {
              static_cast<void>(ref.group->take());
              return end(self);
            }
            return self->delegate(real, run_atom_v, std::move(ref));
          },
          [=](image_atom, const template_bundle& of, libraries_ref& with) {
            return self->delegate(real, image_atom_v, of, std::move(with));
          },
          [=](clone_atom, image_ref& ref) {
            return self->delegate(real, clone_atom_v, std::move(ref));
          },
          [=](freeze_atom, instance_ref& ref) {
            return self->delegate(real, freeze_atom_v, std::move(ref));
          }};
}

finalization_actor::behavior_type
mortal_finalization(pointer<finalization_actor> self, death_wish wish,
                    finalization_actor real) {
  return {[=](finalize_atom, job_group_ref& ref) -> caf::result<job_group_ref> {
    if (wish())
      return die<job_group_ref>(self);
    return self->delegate(real, finalize_atom_v, std::move(ref));
  }};
}

void make_slots_fail(stage_factory& stages, death_wish wish, slot_end end) {
  stages.slot = [=, real = stages.slot](caf::actor_system& sys,
                                        event_receiver_actor receiver) {
    return sys.spawn(failing_slot, wish, real(sys, std::move(receiver)), end);
  };
}

rocksdb_writer_actor::behavior_type
mortal_writer(pointer<rocksdb_writer_actor> self, death_wish wish,
              rocksdb_writer_actor real) {
  return {[=](write_atom, change_set& set) -> caf::result<commit_receipt> {
            if (wish())
              return die<commit_receipt>(self);
            return self->delegate(real, write_atom_v, std::move(set));
          },
          [](commit_atom) {},
          [=](flush_atom) { return self->delegate(real, flush_atom_v); }};
}

} // namespace

void make_admission_mortal(stage_factory& stages, death_wish wish) {
  stages.admission = [=, real = stages.admission](caf::actor_system& sys) {
    return sys.spawn(mortal_admission, wish, real(sys));
  };
}

void make_loading_mortal(stage_factory& stages, death_wish wish) {
  stages.loading = [=, real = stages.loading](caf::actor_system& sys) {
    return sys.spawn(mortal_loading, wish, real(sys));
  };
}

void make_slots_mortal(stage_factory& stages, death_wish wish) {
  make_slots_fail(stages, std::move(wish), die_with_jobs);
}

void make_slots_silent(stage_factory& stages, death_wish wish) {
  make_slots_fail(stages, std::move(wish), stay_silent);
}

void make_finalization_mortal(stage_factory& stages, death_wish wish) {
  stages.finalization
    = [=, real = stages.finalization](caf::actor_system& sys) {
        return sys.spawn(mortal_finalization, wish, real(sys));
      };
}

void make_writer_mortal(stage_factory& stages, death_wish wish) {
  stages.writer = [=, real = stages.writer](caf::actor_system& sys) {
    return sys.spawn(mortal_writer, wish, real(sys));
  };
}

} // namespace vmsystem::test
