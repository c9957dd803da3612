/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cmocka and the headers it requires. For tests only. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
