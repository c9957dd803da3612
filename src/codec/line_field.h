/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The fields of controller= and exclude= lines, and how a name is read as one of them. */

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
        _FIELD_IDENTITY_MAX, /* what tells one controller from another ends here */
        FIELD_HOST_ID = _FIELD_IDENTITY_MAX,
        FIELD_DHCHAP_SECRET,
        FIELD_DHCHAP_CTRL_SECRET,
        _FIELD_MAX,
        _FIELD_INVALID = -EINVAL,
} LineField;

/* As nvme-stas 2 spells them. */
extern const char *const line_field_names[_FIELD_MAX];

/* name as nvme-stas 2 spells it: the spellings of nvme-cli, of its config.json, of the kernel's
 * option string and of nvme-stas 3 ("host_iface", "hostnqn", "keep-alive-tmo") are its own, too.
 * What is not known is copied as it is; buf has LINE_FIELD_NAME_SIZE bytes. */
#define LINE_FIELD_NAME_SIZE 64
const char *line_field_canonical(const char *name, char buf[static LINE_FIELD_NAME_SIZE]);

/* name is canonical. */
LineField line_field_from_name(const char *name);

/* The field or setting that an unknown name most likely stands for, or NULL. */
const char *line_field_meant(const char *name);

/* An unknown field that asks for authentication or encryption, or holds a secret. */
bool line_field_asks_for_security(const char *name, const char *value);
