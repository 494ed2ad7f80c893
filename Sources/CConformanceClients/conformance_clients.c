#include "conformance_clients.h"
