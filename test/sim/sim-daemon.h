/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The environment of a daemon's engine, one file per part. */

#include "sim.h"

/* sim-record.c: passes all inputs to the engine, with the current time. */
void sim_tell(Sim *s, SimDaemon *d, EngineInput in);
/* Changes the registry of owners, which the daemons watch. */
void sim_set_owner(Sim *s, int instance, SimOwner owner);
/* Valid until the next input. */
const Plan *sim_plan(Sim *s, SimDaemon *d);
void sim_record_start(const Sim *s, SimDaemon *d);
void sim_record_done(SimDaemon *d);

/* sim-wishes.c: controllers to be connected, and the sources known to the daemons */
void sim_sources_init(Sim *s, SimDaemon *d, size_t n_sources);
void sim_sources_done(SimDaemon *d);
/* Returns the target at a place of a source. */
size_t sim_source_target(const Sim *s, const SimDaemon *d, size_t source, size_t place);
SourceEntry *sim_source_add(Sim *s, SourceSet *set, size_t target);
/* Passes a source set to the engine. Takes ownership of the set. */
void sim_hear(Sim *s, SimDaemon *d, SimSource *source, SourceSet *set);
/* The source is removed permanently. */
void sim_hear_end(Sim *s, SimDaemon *d, SimSource *source);
SimSource *sim_find_source(SimDaemon *d, const char *key);
/* The source reports its entries: all, some, or state UNKNOWN. */
void sim_say(Sim *s, SimDaemon *d, size_t source, SourceState state);
void sim_change_source(Sim *s, SimDaemon *d);
/* A discovery log names one target until it is connected, withdraws it until it is disconnected,
 * and so on. */
void sim_flap(Sim *s);
/* An event that permits connects without waiting. */
void sim_forgive(Sim *s);
/* Nothing is known about a daemon that is not running. */
void sim_forget_words(Sim *s, SimDaemon *d);

void sim_forget_word(Sim *s, SimSource *source);
void sim_set_word(Sim *s, SimSource *source, size_t target, uint8_t word);

/* sim-check.c: as permitted by the policy */
bool sim_is_allowed(const Sim *s, size_t target);
SimPath *sim_path(const Sim *s, size_t target);
/* The target's connect held the kernel: it must not be connected until the stall is forgiven. */
void sim_note_stall(Sim *s, size_t target, usec_t begun, usec_t took);
bool sim_has_stalled(const Sim *s, size_t target);
void sim_forgive_stall(Sim *s, size_t target);
/* Valid until the next call. */
SimConnection *sim_connection(Sim *s, uint64_t incarnation);
/* Returns true if the target is requested by a source that the daemon knows, and permitted by the
 * policy. */
bool sim_is_wanted(const Sim *s, size_t target);
bool sim_is_firmware(const Sim *s, const SimController *c);
void sim_observe_rows(Sim *s, SimDaemon *d);
void sim_check_action(Sim *s, SimDaemon *d, const Action *a);
/* The target is disconnected because a peer withdrew it. */
void sim_check_flap(Sim *s, SimDaemon *d, size_t target);
/* The daemon has lost its records of withdrawn controllers and of recent reads of logs. */
void sim_forgive_pace(Sim *s, const SimDaemon *d);
void sim_check_note(Sim *s, SimDaemon *d, const Note *n);
/* All rows, or a sample. */
void sim_check_rows(Sim *s, SimDaemon *d, bool all);

/* sim-outcome.c: with or without namespaces in use */
void sim_check_outcome(Sim *s);
void sim_check_released(Sim *s, SimDaemon *d);

/* sim-referrals.c */
size_t sim_n_dc_targets(const Sim *s);
void sim_referral_source_init(const Sim *s, SimSource *source, size_t dc);
/* After a plan of stafd: updates what must be wanted because of referrals. */
void sim_follow_referrals(Sim *s, SimDaemon *d);
/* Adds the targets that must finally be wanted because of referrals. */
void sim_add_referrals(const Sim *s, bool *wanted);

/* sim-policy.c */
Policy *sim_make_policy(Sim *s, const SimDaemon *d);
void sim_change_policy(Sim *s, SimDaemon *d);
/* Ends all waits. */
void sim_retry_now(Sim *s, SimDaemon *d);
void sim_change_network(Sim *s, bool one_down);

/* sim-follow.c */
typedef struct SimFollower SimFollower;
SimFollower *sim_follower_free(SimFollower *f);
void sim_follower_restart(Sim *s);
/* A source in the state file. */
void sim_follower_expect(Sim *s, const SimSource *source);
/* stafd reports a change. */
void sim_follower_signal(Sim *s);
/* stafd's row was removed: if it is created again, the generations of its log start anew. */
void sim_follower_forgotten(Sim *s, const Tid *dc);
/* stafd also reports when its list becomes complete or incomplete. */
void sim_follower_watch(Sim *s);
bool sim_follower_is_busy(const Sim *s);
void sim_follower_step(Sim *s);
/* Time of the next event it waits for. */
usec_t sim_follower_wake_at(const Sim *s);

/* sim-state.c */
void sim_state_schedule(SimDaemon *d, usec_t now);
void sim_state_save(Sim *s, SimDaemon *d);
void sim_state_restore(Sim *s, SimDaemon *d);
void sim_state_done(SimState *state);

/* sim-hands.c: the daemon's own dispatch, and its backends */
void sim_hands_start(Sim *s, SimDaemon *d);
void sim_hands_end(SimDaemon *d);
/* The engine has started an operation; it lasts until it is completed or cancelled. */
void sim_hands_ask(SimDaemon *d, const Action *a);
const SimAsked *sim_hands_find(const SimDaemon *d, uint64_t op_id);
/* Called before any further input. */
void sim_hands_dispatch(SimDaemon *d, const Plan *p);
void sim_hands_dispatch_waiting(SimDaemon *d);
/* A connect waits for the kernel's options or the state file. */
bool sim_hands_wait(const SimDaemon *d);
/* NULL: uevents were lost */
void sim_hands_hear(SimDaemon *d, const SimUevent *u);
/* Takes ownership of everything the completion owns. */
void sim_hands_complete(SimDaemon *d, Completion c);

/* sim-jobs.c */
SimJob *sim_job_add(const Sim *s, SimDaemon *d, const SimAsked *asked);
/* Executes one step of a job that is not done. */
void sim_job_run(Sim *s, SimDaemon *d, SimJob *job);
void sim_job_drop(SimDaemon *d, SimJob *job);

/* sim-daemon.c */
void sim_daemon_start(Sim *s, SimDaemon *d);
/* Operations of the kernel on its behalf continue. */
void sim_daemon_kill(Sim *s, SimDaemon *d);
void sim_daemon_plan(Sim *s, SimDaemon *d);
void sim_daemon_deliver_uevents(Sim *s, SimDaemon *d);
/* The first read of /dev/nvme-fabrics, which waits for the mutex of connects. */
void sim_daemon_read_options(Sim *s, SimDaemon *d);
/* Executes a step of one of its jobs, or delivers its result. */
void sim_daemon_advance(Sim *s, SimDaemon *d);
bool sim_daemon_is_busy(const Sim *s, const SimDaemon *d);
void sim_daemon_done(SimDaemon *d);

/* sim-disturb.c: actions of others */
void sim_disturb(Sim *s);
void sim_end_faults(Sim *s);
void sim_release_namespaces(Sim *s);
