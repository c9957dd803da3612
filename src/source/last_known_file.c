/* SPDX-License-Identifier: Apache-2.0 */

#include "source/last_known_file.h"

#include <stdio.h>
#include <string.h>

#include "io/file_replace.h"
#include "io/file_text.h"

/* Kept for inspection; one is enough. */
static void set_aside(const char *path)
{
        char *aside;

        if (asprintf(&aside, "%s.damaged", path) < 0)
                return;
        (void) rename(path, aside); /* it will be replaced in any case */
        free(aside);
}

int last_known_file_peek(const char *path, LastKnown *ret)
{
        _cleanup_file_text_ FileText text = { 0 };
        int r = file_text_read(path, LAST_KNOWN_SIZE_MAX, &text);

        if (r == -EFBIG)
                return -EBADMSG;
        return r < 0 ? r : last_known_decode(text.data, text.n, ret);
}

int last_known_file_read(const char *path, LastKnown *ret)
{
        int r = last_known_file_peek(path, ret);

        if (r == -EBADMSG || r == -EPROTONOSUPPORT)
                set_aside(path);
        return r;
}

int last_known_file_write(const char *path, const LastKnown *l)
{
        _cleanup_free_ char *text = last_known_encode(l);

        if (!text)
                return -ENOMEM;
        if (strlen(text) > LAST_KNOWN_SIZE_MAX)
                return -EFBIG;
        return file_replace_volatile(path, text); /* in /run */
}
