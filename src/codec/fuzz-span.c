/* SPDX-License-Identifier: Apache-2.0 */

/* A formatted span can be parsed again, with the same value within the precision of the text. */

#include <assert.h>

#include "base/span.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_free_ char *text = strndup((const char *) data, size);
        usec_t span = 4711, again;

        assert(text);
        int r = span_parse(text, &span);
        assert(r == 0 || r == -EINVAL || r == -ERANGE);
        _cleanup_free_ char *shown = span_to_string(span);
        assert(shown && *shown);
        if (r < 0) {
                assert(span == 4711);
                return 0;
        }
        if (span == USEC_INFINITY) {
                assert(streq(shown, "infinity"));
                return 0;
        }
        assert(span_parse(shown, &again) == 0);
        assert(again <= span && span - again < USEC_PER_MSEC);
        return 0;
}
