/* SPDX-License-Identifier: Apache-2.0 */

#include "plan/engine-input.h"

EngineInputKind engine_input_ending(ActionKind action)
{
        static const EngineInputKind kinds[_ACTION_KIND_MAX] = {
                [ACTION_PROBE] = INPUT_PROBE_DONE,
                [ACTION_CANCEL_PROBE] = _ENGINE_INPUT_KIND_INVALID,
                [ACTION_CONNECT] = INPUT_CONNECT_DONE,
                [ACTION_DISCONNECT] = INPUT_DISCONNECT_DONE,
                [ACTION_REGISTER] = INPUT_REGISTER_DONE,
                [ACTION_DEREGISTER] = INPUT_REGISTER_DONE,
                [ACTION_READ_SUPPORTED_LOGS] = INPUT_READ_SUPPORTED_LOGS_DONE,
                [ACTION_READ_LOG] = INPUT_READ_LOG_DONE,
                [ACTION_READ_DEVICE] = INPUT_READ_DEVICE_DONE,
                [ACTION_SCAN] = INPUT_SCAN_DONE,
        };

        return kinds[action];
}

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

static int take_network_news(Engine *e, EngineInput *in)
{
        engine_network_news(e, &in->news);
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
                .tid = (Tid *) in->tid, /* it is only looked at */
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

static int take_probe_done(Engine *e, EngineInput *in)
{
        engine_probe_done(e, in->op_id, in->error, in->now);
        return 0;
}

static int take_connect_done(Engine *e, EngineInput *in)
{
        if (in->error < 0)
                return engine_connect_done(e, in->op_id, in->error, -1, in->now);
        return engine_connected(e, in->op_id, in->instance, in->inode, in->now);
}

static int take_disconnect_done(Engine *e, EngineInput *in)
{
        if (in->error == -EBUSY || in->error == -ENODATA)
                engine_disconnect_kept(e, in->op_id, in->error == -ENODATA, TAKE_PTR(in->used_by),
                                       in->now);
        else
                engine_disconnect_done(e, in->op_id, in->error, in->now);
        return 0;
}

static int take_register_done(Engine *e, EngineInput *in)
{
        engine_register_done(e, in->op_id, in->error, in->nvme_status, in->now);
        return 0;
}

static int take_read_supported_logs_done(Engine *e, EngineInput *in)
{
        engine_read_supported_logs_done(e, in->op_id, in->error, in->offers, in->now);
        return 0;
}

static int take_read_log_done(Engine *e, EngineInput *in)
{
        engine_read_log_done(e, in->op_id, in->error, in->nvme_status, TAKE_PTR(in->log), in->now);
        return 0;
}

static int take_read_device_done(Engine *e, EngineInput *in)
{
        return engine_read_device_done(e, in->op_id, in->instance, in->error, TAKE_PTR(in->device),
                                       in->now);
}

static int take_scan_done(Engine *e, EngineInput *in)
{
        return engine_scan_done(e, in->op_id, in->error, in->devices, in->n_devices, in->now);
}

int engine_take(Engine *e, EngineInput *in)
{
        static int (*const takers[_ENGINE_INPUT_KIND_MAX])(Engine * e, EngineInput * in) = {
                [INPUT_SET_POLICY] = take_set_policy,
                [INPUT_SET_NETWORK] = take_set_network,
                [INPUT_NETWORK_NEWS] = take_network_news,
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
                [INPUT_PROBE_DONE] = take_probe_done,
                [INPUT_CONNECT_DONE] = take_connect_done,
                [INPUT_DISCONNECT_DONE] = take_disconnect_done,
                [INPUT_REGISTER_DONE] = take_register_done,
                [INPUT_READ_SUPPORTED_LOGS_DONE] = take_read_supported_logs_done,
                [INPUT_READ_LOG_DONE] = take_read_log_done,
                [INPUT_READ_DEVICE_DONE] = take_read_device_done,
                [INPUT_SCAN_DONE] = take_scan_done,
        };

        return takers[in->kind](e, in);
}
