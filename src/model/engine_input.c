/* SPDX-License-Identifier: Apache-2.0 */

#include "model/engine_input.h"

void engine_input_done(EngineInput *in)
{
        network_done(&in->network);
        (void) policy_free(in->policy);
        (void) source_set_free(in->set);
        (void) discovery_log_free(in->log);
        (void) device_free(in->device);
        for (size_t i = 0; i < in->n_devices; i++)
                (void) device_free(in->devices[i]);
        free(in->devices);
        free(in->used_by);
        free((char *) in->key);
        (void) tid_free((Tid *) in->tid);
        *in = (EngineInput) { 0 };
}
