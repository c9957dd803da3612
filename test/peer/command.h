/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Submission and completion queue entries of the admin queue (NVM Express Base Specification 2.x,
 * clauses 3.3.3 and 6). Pure: bytes in, bytes out. */

#include "peer/pdu.h"

typedef enum Opcode {
        OPCODE_GET_LOG_PAGE = 0x02,
        OPCODE_IDENTIFY = 0x06,
        OPCODE_SET_FEATURES = 0x09,
        OPCODE_GET_FEATURES = 0x0a,
        OPCODE_ASYNC_EVENT = 0x0c,
        OPCODE_KEEP_ALIVE = 0x18,
        OPCODE_DIM = 0x21,
        OPCODE_FABRICS = 0x7f,
} Opcode;

typedef enum FabricsType {
        FABRICS_PROPERTY_SET = 0x00,
        FABRICS_CONNECT = 0x01,
        FABRICS_PROPERTY_GET = 0x04,
        FABRICS_DISCONNECT = 0x08,
} FabricsType;

typedef enum Status { /* status code type in bits 10:8, status code in 7:0 */
        STATUS_SUCCESS = 0x000,
        STATUS_INVALID_OPCODE = 0x001,
        STATUS_INVALID_FIELD = 0x002,
        STATUS_INTERNAL = 0x006,
        STATUS_SEQUENCE = 0x00c,
        STATUS_SGL_LENGTH = 0x00f,
        STATUS_SGL_TYPE = 0x011,
        STATUS_SGL_OFFSET = 0x016,
        STATUS_ASYNC_LIMIT = 0x105,
        STATUS_INVALID_LOG = 0x109,
        STATUS_NOT_SAVEABLE = 0x10d,
        STATUS_DISCOVERY_INFORMATION = 0x12f, /* not applicable to the entity */
        STATUS_DISCOVERY_RESOURCES = 0x132,
        STATUS_CONNECT_FORMAT = 0x180,
        STATUS_CONNECT_BUSY = 0x181,
        STATUS_CONNECT_PARAMETERS = 0x182,
        STATUS_QUEUE_TYPE = 0x185,
        STATUS_MAX = 0x7ff,
        STATUS_DO_NOT_RETRY = 0x4000,
} Status;

/* Offsets in a submission queue entry. */
enum {
        SQE_OPCODE = 0,
        SQE_FLAGS = 1,
        SQE_CID = 2,
        SQE_FCTYPE = 4, /* Fabrics commands; the namespace identifier in others */
        SQE_SGL_ADDRESS = 24,
        SQE_SGL_LENGTH = 32,
        SQE_SGL_TYPE = 39,
        SQE_CDW10 = 40,
};

enum { /* SGL identifier: type in the upper, subtype in the lower four bits */
        SGL_IN_CAPSULE = 0x01,
        SGL_TRANSPORT = 0x5a,
};

typedef struct Command {
        uint8_t opcode, flags, fctype, sgl_type;
        uint16_t cid;
        uint64_t sgl_address;
        uint32_t sgl_length;
        const uint8_t *cdw;  /* dwords 10 to 15 as received: 24 bytes */
        const uint8_t *data; /* in-capsule data */
        size_t n_data;
} Command;

typedef struct Completion {
        uint64_t result; /* dwords 0 and 1 */
        uint16_t sqhd, cid;
        uint16_t status; /* with the do-not-retry bit */
} Completion;

void command_decode(const uint8_t *sqe, const uint8_t *data, size_t n_data, Command *ret);
/* Dword n of the command, 10 to 15. */
uint32_t command_dword(const Command *c, unsigned n);
/* Returns the n in-capsule bytes that the SGL describes. STATUS_SUCCESS, or the error. */
Status command_in_capsule(const Command *c, size_t n, const uint8_t **ret);
/* Checks that the SGL can take n bytes of data. */
Status command_takes_data(const Command *c, size_t n);

void completion_encode(const Completion *c, uint8_t ret[static CQE_SIZE]);
