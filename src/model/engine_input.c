/* SPDX-License-Identifier: Apache-2.0 */

#include "model/engine_input.h"

void engine_input_done(EngineInput *in)
{
        network_done(&in->network);
        (void) policy_free(in->policy);
        (void) source_set_free(in->set);
        completion_done(&in->completion);
        free((char *) in->key);
        (void) tid_free((Tid *) in->tid);
        *in = (EngineInput) { 0 };
}
