/* SPDX-License-Identifier: Apache-2.0 */

/* Writes a boot firmware table as words on the command line describe it, for QEMU's -acpitable and
 * for corpora. */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/test-nbft_tables.h"

static void usage(void)
{
        (void) fprintf(stderr,
                       "make-nbft FILE host=NQN,UUID [hfi=MAC,VLAN,ADDRESS[,dhcp]]...\n"
                       "          [discovery=HFI,URI,[NQN][,SECURITY]]...\n"
                       "          [subsystem=HFI,ADDRESS,PORT,NQN]... [lie]\n"
                       "  FILE       - is standard output\n"
                       "  HFI        the interface's number, from 1 in their order; 0: none\n"
                       "  SECURITY   the number of a security profile, which the table lacks\n"
                       "  lie        the host's NQN is beyond the end, behind a right checksum\n");
        exit(2);
}

/* Cuts at the commas; what is not there is NULL. */
static void split(char *s, char **ret, size_t n)
{
        for (size_t i = 0; i < n; i++)
                ret[i] = strsep(&s, ",");
}

static unsigned number(const char *s)
{
        uint64_t n = 0;

        if (!s || text_to_u64(s, 0, 4095, &n) < 0)
                usage();
        return (unsigned) n;
}

static void set_host(NbftPlan *p, char **w)
{
        const char *id = w[1] ? w[1] : "";
        size_t n = 0;

        p->host_nqn = w[0];
        for (; *id && n < sizeof(p->host_id); id += 2) {
                id += *id == '-';
                if (sscanf(id, "%2hhx", &p->host_id[n++]) != 1)
                        usage();
        }
}

static void set_hfi(NbftHfi *h, char **w)
{
        if (!w[0] || sscanf(w[0], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &h->mac[0], &h->mac[1],
                            &h->mac[2], &h->mac[3], &h->mac[4], &h->mac[5]) != 6)
                usage();
        h->vlan = (uint16_t) number(w[1]);
        h->address = w[2] && *w[2] ? w[2] : NULL;
        h->dhcp = w[3] && streq(w[3], "dhcp");
}

static void set_discovery(NbftDiscovery *d, char **w)
{
        *d = (NbftDiscovery) {
                .hfi = (uint8_t) number(w[0]),
                .uri = w[1],
                .nqn = w[2],
                .security = w[3] ? (uint8_t) number(w[3]) : 0,
        };
}

static void set_subsystem(NbftSubsystem *s, char **w)
{
        if (!w[3])
                usage();
        *s = (NbftSubsystem) {
                .hfi = (uint8_t) number(w[0]),
                .secondary_hfi = (uint8_t) number(w[0]),
                .traddr = w[1],
                .trsvcid = w[2],
                .nqn = w[3],
        };
}

static void take_word(NbftPlan *p, char *word, size_t n[static 3])
{
        char *key = strsep(&word, "="), *w[4];

        if (!word)
                usage();
        split(word, w, ELEMENTSOF(w));
        if (streq(key, "host"))
                set_host(p, w);
        else if (streq(key, "hfi") && n[0] < NBFT_LIST_MAX)
                set_hfi(&p->hfis[n[0]++], w);
        else if (streq(key, "discovery") && n[1] < NBFT_LIST_MAX)
                set_discovery(&p->discoveries[n[1]++], w);
        else if (streq(key, "subsystem") && n[2] < NBFT_LIST_MAX)
                set_subsystem(&p->subsystems[n[2]++], w);
        else
                usage();
}

static int write_table(const char *path, const uint8_t *table, size_t n)
{
        FILE *f = streq(path, "-") ? stdout : fopen(path, "we");
        if (!f) {
                perror(path);
                return 1;
        }
        size_t n_written = fwrite(table, 1, n, f);
        return fclose(f) == 0 && n_written == n ? 0 : 1;
}

int main(int argc, char **argv)
{
        NbftPlan plan = { 0 };
        uint8_t table[NBFT_BUILD_MAX];
        size_t counts[3] = { 0 };
        bool lie = false;

        if (argc < 3)
                usage();
        for (int i = 2; i < argc; i++) {
                if (streq(argv[i], "lie"))
                        lie = true;
                else
                        take_word(&plan, argv[i], counts);
        }
        size_t n = nbft_build(&plan, table);
        if (lie) {
                table[NBFT_AT_HOST + 20] = 0xff;
                nbft_seal(table, n);
        }
        return write_table(argv[1], table, n);
}
