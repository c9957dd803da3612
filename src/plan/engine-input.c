/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/engine-input.h"

static int take_set_policy(Engine *e, EngineInput *in)
{
        engine_set_policy(e, TAKE_PTR(in->policy), in->now);
        return 0;
}

static int take_set_network(Engine *e, EngineInput *in)
{
        engine_set_network(e, &in->network, in->now);
        return 0;
}

static int take_reachability(Engine *e, EngineInput *in)
{
        engine_reachability_changed(e, &in->reachability);
        return 0;
}

static int take_set_source(Engine *e, EngineInput *in)
{
        return engine_set_source(e, TAKE_PTR(in->set), in->now);
}

static int take_replace_source(Engine *e, EngineInput *in)
{
        return engine_replace_source(e, TAKE_PTR(in->set), in->now);
}

static int take_drop_source(Engine *e, EngineInput *in)
{
        engine_drop_source(e, in->key, in->now);
        return 0;
}

static int take_restore_device(Engine *e, EngineInput *in)
{
        return engine_restore_device(e, in->instance, in->inode);
}

static int take_remember(Engine *e, EngineInput *in)
{
        return engine_remember(e, in->tid);
}

static int take_restore_stall(Engine *e, EngineInput *in)
{
        const Stall stall = {
                .tid = (Tid *) in->tid, /* not modified */
                .begun = in->begun,
                .took = in->took,
                .until = in->until,
        };

        return engine_restore_stall(e, &stall, in->now);
}

static int take_connects_over(Engine *e, EngineInput *in)
{
        engine_connects_over(e);
        return 0;
}

static int take_hold_connects(Engine *e, EngineInput *in)
{
        engine_hold_connects(e, in->hold);
        return 0;
}

static int take_announced(Engine *e, EngineInput *in)
{
        engine_announced(e, in->tid, in->now);
        return 0;
}

static int take_retry_now(Engine *e, EngineInput *in)
{
        engine_retry_now(e);
        return 0;
}

static int take_reread_logs(Engine *e, EngineInput *in)
{
        engine_reread_logs(e);
        return 0;
}

static int take_register_again(Engine *e, EngineInput *in)
{
        engine_register_again(e);
        return 0;
}

static int take_release_all(Engine *e, EngineInput *in)
{
        engine_release_all(e);
        return 0;
}

static int take_kernel_event(Engine *e, EngineInput *in)
{
        return engine_kernel_event(e, in->event, in->instance, in->now);
}

static int take_kernel_events_lost(Engine *e, EngineInput *in)
{
        engine_kernel_events_lost(e);
        return 0;
}

static int take_owner_changed(Engine *e, EngineInput *in)
{
        return engine_owner_changed(e, in->instance, in->now);
}

static int take_complete(Engine *e, EngineInput *in)
{
        Completion end = in->completion;

        in->completion = (Completion) { 0 };
        return engine_complete(e, end, in->now);
}

int engine_take(Engine *e, EngineInput *in)
{
        static int (*const takers[_ENGINE_INPUT_KIND_MAX])(Engine * e, EngineInput * in) = {
                [INPUT_SET_POLICY] = take_set_policy,
                [INPUT_SET_NETWORK] = take_set_network,
                [INPUT_REACHABILITY] = take_reachability,
                [INPUT_SET_SOURCE] = take_set_source,
                [INPUT_REPLACE_SOURCE] = take_replace_source,
                [INPUT_DROP_SOURCE] = take_drop_source,
                [INPUT_RESTORE_DEVICE] = take_restore_device,
                [INPUT_REMEMBER] = take_remember,
                [INPUT_RESTORE_STALL] = take_restore_stall,
                [INPUT_CONNECTS_OVER] = take_connects_over,
                [INPUT_HOLD_CONNECTS] = take_hold_connects,
                [INPUT_ANNOUNCED] = take_announced,
                [INPUT_RETRY_NOW] = take_retry_now,
                [INPUT_REREAD_LOGS] = take_reread_logs,
                [INPUT_REGISTER_AGAIN] = take_register_again,
                [INPUT_RELEASE_ALL] = take_release_all,
                [INPUT_KERNEL_EVENT] = take_kernel_event,
                [INPUT_KERNEL_EVENTS_LOST] = take_kernel_events_lost,
                [INPUT_OWNER_CHANGED] = take_owner_changed,
                [INPUT_COMPLETE] = take_complete,
        };

        return takers[in->kind](e, in);
}
