/* SPDX-License-Identifier: Apache-2.0 */

#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>

static void print_help(const char *name, const char *purpose)
{
        (void) printf(
                "Usage: %s [OPTION...]\n\n"
                "%s\n\n"
                "  -f, --conf-file=FILE  configuration file (default: /etc/stas/%s.conf)\n"
                "  -c, --conn-conf-file=FILE\n"
                "                        connections (default: /etc/nvme/nvme-stas.conf)\n"
                "      --record=FILE     record inputs and decisions, for replay by developers\n"
                "  -s, --syslog          log to the journal instead of standard error\n"
                "      --tron            log debug messages as well\n"
                "      --check           check the configuration and exit\n"
                "      --strict          with --check, treat warnings as errors\n"
                "      --dry-run         print what would be done and exit\n"
                "  -v, --version         print the version and exit\n"
                "  -h, --help            print this help and exit\n\n"
                "See %s.conf(5) for the configuration keys.\n",
                name, purpose, name, name);
}

int options_parse(int argc, char **argv, const char *name, const char *purpose, Options *ret)
{
        enum {
                ARG_RECORD = 256,
                ARG_TRON,
                ARG_CHECK,
                ARG_STRICT,
                ARG_DRY_RUN
        };
        static const struct option table[] = {
                { "conf-file", required_argument, NULL, 'f' },
                { "conn-conf-file", required_argument, NULL, 'c' },
                { "record", required_argument, NULL, ARG_RECORD },
                { "syslog", no_argument, NULL, 's' },
                { "tron", no_argument, NULL, ARG_TRON },
                { "check", no_argument, NULL, ARG_CHECK },
                { "strict", no_argument, NULL, ARG_STRICT },
                { "dry-run", no_argument, NULL, ARG_DRY_RUN },
                { "version", no_argument, NULL, 'v' },
                { "help", no_argument, NULL, 'h' },
                { NULL, 0, NULL, 0 },
        };
        Options o = { 0 };
        int c;

        while ((c = getopt_long(argc, argv, "f:c:svh", table, NULL)) != -1) {
                switch (c) {
                case 'f':
                        o.conf_file = optarg;
                        break;
                case 'c':
                        o.connections = optarg;
                        break;
                case ARG_RECORD:
                        o.record_file = optarg;
                        break;
                case 's':
                        o.syslog = true;
                        break;
                case ARG_TRON:
                        o.tron = true;
                        break;
                case ARG_CHECK:
                        o.check = true;
                        break;
                case ARG_STRICT:
                        o.strict = true;
                        break;
                case ARG_DRY_RUN:
                        o.dry_run = true;
                        break;
                case 'v':
                        (void) printf("nvme-stas %s\n", PROJECT_VERSION);
                        return 0;
                case 'h':
                        print_help(name, purpose);
                        return 0;
                default:
                        return -EINVAL; /* getopt has printed the reason */
                }
        }
        if (optind < argc) {
                (void) fprintf(stderr, "%s: unexpected argument: %s\n", name, argv[optind]);
                return -EINVAL;
        }
        if (o.strict && !o.check) {
                (void) fprintf(stderr, "%s: --strict needs --check\n", name);
                return -EINVAL;
        }
        *ret = o;
        return 1;
}
