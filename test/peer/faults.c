/* SPDX-License-Identifier: Apache-2.0 */

#include "peer/faults.h"

#include "base/text.h"

const char *step_to_string(Step s)
{
        static const char *const table[_STEP_MAX] = {
                [STEP_ICREQ] = "icreq",
                [STEP_CONNECT] = "connect",
                [STEP_PROPERTY] = "property",
                [STEP_IDENTIFY] = "identify",
                [STEP_FEATURES] = "features",
                [STEP_LOG] = "log",
                [STEP_ASYNC] = "async",
                [STEP_KEEP_ALIVE] = "keep-alive",
                [STEP_SUPPORTED_LOGS] = "supported-logs",
                [STEP_DIM] = "dim",
                [STEP_OTHER] = "other",
        };
        return table[s];
}

int step_from_string(const char *text, Step *ret)
{
        for (Step s = 0; s < _STEP_MAX; s++)
                if (streq(text, step_to_string(s))) {
                        *ret = s;
                        return 0;
                }
        return -EINVAL;
}

const char *fault_kind_to_string(FaultKind k)
{
        static const char *const table[_FAULT_KIND_MAX] = {
                [FAULT_NONE] = "none", [FAULT_STALL] = "stall", [FAULT_RESET] = "reset",
                [FAULT_DROP] = "drop", [FAULT_FAIL] = "fail",
        };
        return table[k];
}

Fault faults_take(Faults *f, Step s)
{
        Fault *here = &f->steps[s], taken = *here;
        if (here->kind != FAULT_NONE && here->n_left != FAULT_ALWAYS && --here->n_left == 0)
                *here = (Fault) { 0 };
        return taken;
}
