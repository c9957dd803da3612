/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a daemon has around its engine, each part in a file of its own. */

#include "sim.h"

/* sim-record.c: all that an engine is told goes by here, with the time of now. */
void sim_tell(Sim *s, SimDaemon *d, EngineInput in);
/* Valid until the engine is told something. */
const Plan *sim_plan(Sim *s, SimDaemon *d);
void sim_record_start(const Sim *s, SimDaemon *d);
void sim_record_done(SimDaemon *d);

/* sim-wishes.c: what is to be connected, and what the daemons hear of it */
void sim_sources_init(Sim *s, SimDaemon *d, size_t n_sources);
void sim_sources_done(SimDaemon *d);
/* The target at one of a source's places. */
size_t sim_source_target(const Sim *s, const SimDaemon *d, size_t source, size_t place);
SourceEntry *sim_source_add(Sim *s, SourceSet *set, size_t target);
/* A source's word reaches the engine. Takes the set. */
void sim_hear(Sim *s, SimDaemon *d, SimSource *source, SourceSet *set);
/* It is gone for good. */
void sim_hear_end(Sim *s, SimDaemon *d, SimSource *source);
SimSource *sim_find_source(SimDaemon *d, const char *key);
/* The source says what it wants: all of it, or a part, or that it does not know. */
void sim_say(Sim *s, SimDaemon *d, size_t source, SourceState state);
void sim_change_source(Sim *s, SimDaemon *d);
/* A discovery log names one target until it is connected, gives it up until it is not, and so on.
 */
void sim_flap(Sim *s);
/* Something happened that may be a reason to connect at once. */
void sim_forgive(Sim *s);
/* Of a daemon that is not running nothing is known. */
void sim_forget_words(Sim *s, SimDaemon *d);

void sim_forget_word(Sim *s, SimSource *source);
void sim_set_word(Sim *s, SimSource *source, size_t target, uint8_t word);

/* sim-check.c: by the policy */
bool sim_is_allowed(const Sim *s, size_t target);
SimPath *sim_path(const Sim *s, size_t target);
/* Its connect held the kernel; it must be left alone until that is forgiven. */
void sim_note_stall(Sim *s, size_t target, usec_t begun, usec_t took);
bool sim_has_stalled(const Sim *s, size_t target);
void sim_forgive_stall(Sim *s, size_t target);
/* Valid until the next call. */
SimConnection *sim_connection(Sim *s, uint64_t incarnation);
/* Does a source that the daemon knows ask for it, and the policy allow it? */
bool sim_is_wanted(const Sim *s, size_t target);
bool sim_is_firmware(const Sim *s, const SimController *c);
void sim_observe_rows(Sim *s, SimDaemon *d);
void sim_check_action(Sim *s, SimDaemon *d, const Action *a);
/* It is disconnected because a peer gave it up. */
void sim_check_flap(Sim *s, SimDaemon *d, size_t target);
/* The daemon has forgotten what flaps, and which logs it has read just now. */
void sim_forgive_pace(Sim *s, const SimDaemon *d);
void sim_check_note(Sim *s, SimDaemon *d, const Note *n);
/* All rows, or a part of them. */
void sim_check_rows(Sim *s, SimDaemon *d, bool all);

/* sim-outcome.c. With something in use, or with nothing. */
void sim_check_outcome(Sim *s);
void sim_check_released(Sim *s, SimDaemon *d);

/* sim-referrals.c */
size_t sim_n_dc_targets(const Sim *s);
void sim_referral_source_init(const Sim *s, SimSource *source, size_t dc);
/* After a plan of stafd: what it must want by now because of referrals. */
void sim_follow_referrals(Sim *s, SimDaemon *d);
/* What they add to what is wanted in the end. */
void sim_add_referrals(const Sim *s, bool *wanted);

/* sim-policy.c */
Policy *sim_make_policy(Sim *s, const SimDaemon *d);
void sim_change_policy(Sim *s, SimDaemon *d);
/* Every wait ends. */
void sim_retry_now(Sim *s, SimDaemon *d);
void sim_change_network(Sim *s, bool one_down);

/* sim-follow.c */
typedef struct SimFollower SimFollower;
SimFollower *sim_follower_free(SimFollower *f);
void sim_follower_restart(Sim *s);
/* The state file names a source. */
void sim_follower_expect(Sim *s, const SimSource *source);
/* stafd says that something is new. */
void sim_follower_signal(Sim *s);
/* stafd's row is gone: should it come back, its log's generations begin anew. */
void sim_follower_forgotten(Sim *s, const Tid *dc);
/* It does so also when its list becomes complete, or is it no longer. */
void sim_follower_watch(Sim *s);
bool sim_follower_is_busy(const Sim *s);
void sim_follower_step(Sim *s);
/* What it waits for comes then. */
usec_t sim_follower_wake_at(const Sim *s);

/* sim-state.c */
void sim_state_schedule(SimDaemon *d, usec_t now);
void sim_state_save(Sim *s, SimDaemon *d);
void sim_state_restore(Sim *s, SimDaemon *d);
void sim_state_done(SimState *state);

/* sim-hands.c: the daemon's own dispatch, and what it acts with */
void sim_hands_start(Sim *s, SimDaemon *d);
void sim_hands_end(SimDaemon *d);
/* The engine has begun an operation; it is under way until it is completed or cancelled. */
void sim_hands_ask(SimDaemon *d, const Action *a);
const SimAsked *sim_hands_find(const SimDaemon *d, uint64_t op_id);
/* Before the engine is told anything. */
void sim_hands_dispatch(SimDaemon *d, const Plan *p);
void sim_hands_dispatch_waiting(SimDaemon *d);
/* A connect waits, for the kernel's options or the state file. */
bool sim_hands_wait(const SimDaemon *d);
/* NULL: some were lost. */
void sim_hands_hear(SimDaemon *d, const SimUevent *u);
/* Takes what the completion owns. */
void sim_hands_complete(SimDaemon *d, Completion c);

/* sim-jobs.c */
SimJob *sim_job_add(const Sim *s, SimDaemon *d, const SimAsked *asked);
/* One step of a job that is not done. */
void sim_job_run(Sim *s, SimDaemon *d, SimJob *job);
void sim_job_drop(SimDaemon *d, SimJob *job);

/* sim-daemon.c */
void sim_daemon_start(Sim *s, SimDaemon *d);
/* What the kernel was doing for it goes on without it. */
void sim_daemon_kill(Sim *s, SimDaemon *d);
void sim_daemon_plan(Sim *s, SimDaemon *d);
void sim_daemon_deliver_uevents(Sim *s, SimDaemon *d);
/* Its first look at /dev/nvme-fabrics, behind the mutex of connects. */
void sim_daemon_read_options(Sim *s, SimDaemon *d);
/* One of its jobs takes a step, or its result arrives. */
void sim_daemon_advance(Sim *s, SimDaemon *d);
bool sim_daemon_is_busy(const Sim *s, const SimDaemon *d);
void sim_daemon_done(SimDaemon *d);

/* sim-disturb.c: what others do */
void sim_disturb(Sim *s);
void sim_end_faults(Sim *s);
void sim_release_namespaces(Sim *s);
