/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/nvme_name.h"

#include "base/text.h"

static bool nvme_name_take_number(const char **s, char before, int *ret)
{
        int value = 0;

        if (**s != before || !text_is_digit((*s)[1]))
                return false;
        for ((*s)++; text_is_digit(**s); (*s)++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, **s - '0', &value))
                        return false;
        *ret = value;
        return true;
}

bool nvme_name_parse(const char *name, NvmeName *ret)
{
        NvmeName n = { -1, -1, -1 };
        const char *s = text_after(name, "nvm");

        if (!s || !nvme_name_take_number(&s, 'e', &n.first))
                return false;
        (void) nvme_name_take_number(&s, 'c', &n.controller);
        (void) nvme_name_take_number(&s, 'n', &n.head);
        *ret = n;
        return *s == '\0';
}

bool nvme_name_is_namespace(const char *name)
{
        NvmeName n;

        return nvme_name_parse(name, &n) && n.head >= 0;
}
