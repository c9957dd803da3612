/* SPDX-License-Identifier: Apache-2.0 */

/* An accepted line is complete, and remains the same when it is written and read again. */

#include <assert.h>

#include "base/text.h"
#include "codec/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_input(const EngineInput *in)
{
        assert(in->kind >= 0 && in->kind < _ENGINE_INPUT_KIND_MAX);
        const Completion *c = &in->completion;
        assert(c->operation >= 0 && c->operation < _OPERATION_MAX);
        assert(c->error <= 0 && c->instance >= -1 && in->instance >= -1);
        assert(in->kind != INPUT_SET_POLICY || in->policy);
        assert((in->kind != INPUT_SET_SOURCE && in->kind != INPUT_REPLACE_SOURCE) || in->set);
        assert(in->kind != INPUT_DROP_SOURCE || in->key);
        assert((in->kind != INPUT_REMEMBER && in->kind != INPUT_ANNOUNCED &&
                in->kind != INPUT_RESTORE_STALL) ||
               in->tid);
        assert(c->operation != OPERATION_READ_LOG || c->log || c->error < 0);
        assert(c->operation != OPERATION_READ_DEVICE || c->device || c->error < 0);
        for (size_t i = 0; i < c->n_devices; i++)
                assert(c->devices[i]->tid);
        for (size_t i = 0; in->set && i < in->set->n_entries; i++)
                assert(source_set_find(in->set, in->set->entries[i].tid));
}

static char *encode(const RecordingLine *l)
{
        switch (l->kind) {
        case RECORDING_START:
                return recording_encode_start(l->text, l->realtime, l->now, l->policy);
        case RECORDING_INPUT:
                return recording_encode_input(&l->input);
        case RECORDING_END:
                return recording_encode_end(l->now, l->text);
        case RECORDING_PLAN: /* is returned as text */
                break;
        }
        return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_recording_line_ RecordingLine l = { 0 }, again = { 0 };

        int r = recording_decode((const char *) data, size, &l);
        assert(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT);
        if (r < 0)
                return 0;
        if (l.kind == RECORDING_INPUT)
                check_input(&l.input);
        assert(l.kind != RECORDING_START || l.policy);

        _cleanup_free_ char *text = encode(&l);
        if (!text)
                return 0;
        assert(!strchr(text, '\n'));
        assert(recording_decode(text, strlen(text), &again) == 0);
        _cleanup_free_ char *text_again = encode(&again);
        assert(streq(text, text_again));
        return 0;
}
