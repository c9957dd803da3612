/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The verbs of stafctl, stacctl and stasadm; each is described and implemented in the file named
 * after it. */

#include "cli/cli.h"

extern const Verb verb_adlp;
extern const Verb verb_dlp;
extern const Verb verb_explain;
extern const Verb verb_ls;
extern const Verb verb_plan;
extern const Verb verb_reload;
extern const Verb verb_stac_status;
extern const Verb verb_staf_status;
extern const Verb verb_troff;
extern const Verb verb_tron;

extern const Verb verb_clear_symname;
extern const Verb verb_hostid;
extern const Verb verb_hostnqn;
extern const Verb verb_set_symname;

/* Default of stasadm's -c/--conf-file. */
#define SYS_CONF_FILE SYSCONFDIR "/stas/sys.conf"
