#pragma once

#include <cstdlib>
#include <string>

namespace dedup {

inline std::string from_environment(const char* value, const std::string& otherwise) {
    return value != nullptr && *value != '\0' ? value : otherwise;
}

// What the file says of Kafka counts where the environment is silent.
struct KafkaAccess {
    std::string user = from_environment(std::getenv("KAFKA_USER"), "");
    std::string password = from_environment(std::getenv("KAFKA_PASSWORD"), "");
};

}  // namespace dedup
