/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "base/text.h"
#include "plan/engine.h"

static const char *const kind_names[_NOTE_KIND_MAX] = {
        [NOTE_CONNECTED] = "connected",
        [NOTE_ADOPTED] = "adopted",
        [NOTE_LEFT_TO_OWNER] = "left to owner",
        [NOTE_LET_GO] = "let go",
        [NOTE_CONNECT_FAILED] = "connect failed",
        [NOTE_STALLED] = "stalled",
        [NOTE_NO_ANSWER] = "no answer",
        [NOTE_UNASKED] = "unasked",
        [NOTE_DISCONNECTED] = "disconnected",
        [NOTE_PARKED] = "parked",
        [NOTE_DISCONNECT_FAILED] = "disconnect failed",
        [NOTE_IN_USE] = "in use",
        [NOTE_LOST] = "lost",
        [NOTE_REGISTERED] = "registered",
        [NOTE_REGISTER_FAILED] = "register failed",
        [NOTE_DEREGISTERED] = "deregistered",
        [NOTE_LOG_CHANGED] = "log changed",
        [NOTE_LOG_FAILED] = "log failed",
        [NOTE_LOG_PARTIAL] = "log partial",
        [NOTE_LOG_LEFT_OUT] = "log left out",
        [NOTE_REFERRALS_IGNORED] = "referrals ignored",
        [NOTE_SKIPPED] = "skipped",
        [NOTE_WANTED] = "wanted",
        [NOTE_UNWANTED] = "unwanted",
        [NOTE_FOREIGN_NOTICE] = "foreign news",
        [NOTE_FORGOTTEN] = "forgotten",
};

const char *note_kind_to_string(NoteKind k)
{
        return kind_names[k];
}

int note_describe(const Note *n, Properties *p)
{
        const Tid *tid = n->row ? n->row->tid : n->device ? n->device->tid : NULL;
        _cleanup_free_ char *text = tid ? tid_to_string(tid) : NULL;

        if (tid && !text)
                return -ENOMEM;
        int r = properties_add(p, "note", kind_names[n->kind]);
        if (r >= 0 && n->instance >= 0)
                r = properties_addf(p, "device", "nvme%i", n->instance);
        if (r >= 0 && text)
                r = properties_add(p, "controller", text);
        if (r >= 0 && n->set)
                r = properties_add(p, "source", n->set->key);
        if (r >= 0 && n->error != 0)
                r = properties_add(p, "error", text_or(strerrorname_np(-n->error), "?"));
        if (r >= 0 && n->nvme_status > 0)
                r = properties_addf(p, "status", "0x%x", (unsigned) n->nvme_status);
        return r;
}
