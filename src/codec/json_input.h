/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The contents of engine inputs as JSON. For conventions see codec/json_model.h. NULL is treated as
 * damaged. */

#include "codec/json_model.h"
#include "model/engine_input.h"

struct json_object *json_from_policy(const Policy *p);
int json_to_policy(struct json_object *o, Policy **ret);

struct json_object *json_from_network(const Network *n);
int json_to_network(struct json_object *array, Network *ret);

struct json_object *json_from_reachability(const Reachability *n);
int json_to_reachability(struct json_object *o, Reachability *ret);

struct json_object *json_from_source_set(const SourceSet *s);
int json_to_source_set(struct json_object *o, SourceSet **ret);

struct json_object *json_from_log(const DiscoveryLog *l);
int json_to_log(struct json_object *o, DiscoveryLog **ret);

struct json_object *json_from_device(const Device *d);
int json_to_device(struct json_object *o, Device **ret);
