/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The fields of controller= and exclude= lines, and the spellings of their names. */

#include "base/macro.h"
#include "model/settings.h"

typedef enum LineField {
        FIELD_TRANSPORT,
        FIELD_TRADDR,
        FIELD_TRSVCID,
        FIELD_NQN,
        FIELD_HOST_TRADDR,
        FIELD_HOST_IFACE,
        FIELD_HOST_NQN,
        _FIELD_IDENTITY_MAX, /* only the fields above identify a controller */
        FIELD_HOST_ID = _FIELD_IDENTITY_MAX,
        FIELD_DHCHAP_SECRET,
        FIELD_DHCHAP_CTRL_SECRET,
        _FIELD_MAX,
        _FIELD_INVALID = -EINVAL,
} LineField;

/* As spelled by nvme-stas 2. */
extern const char *const line_field_names[_FIELD_MAX];

/* Returns name as spelled by nvme-stas 2, given a spelling of nvme-cli, its config.json, the
 * kernel's option string or nvme-stas 3 ("host_iface", "hostnqn", "keep-alive-tmo"). Unknown names
 * are copied as they are. buf has LINE_FIELD_NAME_SIZE bytes. */
#define LINE_FIELD_NAME_SIZE 64
const char *line_field_canonical(const char *name, char buf[static LINE_FIELD_NAME_SIZE]);

/* name must be canonical. */
LineField line_field_from_name(const char *name);

/* Returns the field or setting most likely meant by an unknown name, or NULL. */
const char *line_field_meant(const char *name);

/* Returns true for an unknown field that requests authentication or encryption, or contains a
 * secret. */
bool line_field_asks_for_security(const char *name, const char *value);
