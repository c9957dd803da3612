/* SPDX-License-Identifier: Apache-2.0 */

#include "codec/sha256.h"

#include <stdio.h>
#include <string.h>

#include "base/testing.h"

static void assert_digest(const uint8_t digest[static SHA256_SIZE], const char *expected)
{
        char text[2 * SHA256_SIZE + 1];

        for (size_t i = 0; i < SHA256_SIZE; i++)
                snprintf(text + 2 * i, 3, "%02x", digest[i]);
        assert_string_equal(text, expected);
}

/* The examples of NIST for FIPS 180. */
static void test_fips_180(void **state)
{
        static const struct {
                const char *text;
                unsigned n_times;
                const char *digest;
        } cases[] = {
                { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
                { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
                { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
                { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                  1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
                { "aaaaaaaaaa", 100000,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t digest[SHA256_SIZE];
                Sha256 s;

                sha256_init(&s);
                for (unsigned j = 0; j < cases[i].n_times; j++)
                        sha256_update(&s, cases[i].text, strlen(cases[i].text));
                sha256_finish(&s, digest);
                assert_digest(digest, cases[i].digest);
        }
}

/* RFC 4231, test cases 1, 2, 3 and 6: short data, text, repeated bytes, and a key longer than a
 * block. */
static void test_hmac_rfc_4231(void **state)
{
        uint8_t key[131], data[50], digest[SHA256_SIZE];
        const char *text;

        memset(key, 0x0b, 20);
        hmac_sha256(key, 20, "Hi There", 8, digest);
        assert_digest(digest, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");

        text = "what do ya want for nothing?";
        hmac_sha256("Jefe", 4, text, strlen(text), digest);
        assert_digest(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

        memset(key, 0xaa, sizeof(key));
        memset(data, 0xdd, sizeof(data));
        hmac_sha256(key, 20, data, sizeof(data), digest);
        assert_digest(digest, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");

        text = "Test Using Larger Than Block-Size Key - Hash Key First";
        hmac_sha256(key, sizeof(key), text, strlen(text), digest);
        assert_digest(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fips_180),
                cmocka_unit_test(test_hmac_rfc_4231),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
